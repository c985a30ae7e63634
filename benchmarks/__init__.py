"""Side-by-side timings: NumPy loops written by hand, minikeras and tf.keras.

    python -m benchmarks iris

To add a workload, add one file to workloads/ (see workloads/iris.py) and its
hand-written loops to baselines/.
"""
