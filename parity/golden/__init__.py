"""The tf.keras side of the cases as files, to compare without TensorFlow."""
