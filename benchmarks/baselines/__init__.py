"""Hand-written NumPy programs: the standard that minikeras is held to.

Each does exactly its workload's task and nothing is left out of it. One is plain,
as a NumPy programmer writes it down; one is tuned to NumPy's overheads, with tricks
that a framework could use too.
"""
