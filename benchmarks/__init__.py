"""Side-by-side timings: minikeras, tf.keras, plain NumPy loops, scikit-learn.

    python -m benchmarks                       all workloads, one table
    python -m benchmarks mlp lstm              some of them
    python -m benchmarks crossover scaling     where each side wins; growth

To add a workload, add one file to workloads/ (see workloads/mlp.py) and its name
to workloads/__init__.py; hand-written loops go to baselines/.
"""
