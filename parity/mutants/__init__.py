"""`python -m parity mutants`: faults planted one at a time, and what finds them.

faults/     the faults, by family: a text that stands once in minikeras, and what it
            becomes
fault       plants one in a copy of the checkout
trial       runs goldens and tests there until one finds it
command     the command, its table and its exit status
"""
