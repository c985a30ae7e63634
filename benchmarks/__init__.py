"""Side-by-side timings: a plain NumPy loop, minikeras and tf.keras.

    python -m benchmarks iris

To add a workload, add one file to workloads/ (see workloads/iris.py) and its
hand-written loop to baselines/.
"""
