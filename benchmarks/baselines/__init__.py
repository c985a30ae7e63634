"""Hand-written plain NumPy programs: the standard that minikeras is held to.

Each does exactly its workload's task and nothing is left out of it. A trick is
in order where a framework could use it too.
"""
