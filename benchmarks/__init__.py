"""Side-by-side timings: minikeras, tf.keras, plain NumPy loops, scikit-learn.

    python -m benchmarks                       all workloads, one table
    python -m benchmarks mlp lstm              some of them
    python -m benchmarks crossover scaling     where each side wins; growth
    python -m benchmarks kernels               a step of one layer, of 35
    python -m benchmarks busy                  beside others that use the cores

To add a workload, add one file to workloads/ (see workloads/mlp.py) and its name
to workloads/__init__.py; hand-written loops go to baselines/.
"""
