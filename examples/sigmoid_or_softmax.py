"""Sigmoid or softmax? With TensorFlow: python sigmoid_or_softmax.py
On minikeras: python -m minikeras run sigmoid_or_softmax.py"""

import tensorflow as tf

scores = tf.constant([-0.9, 1.9, 0.3, 1.5])

print("Several labels may be true: sigmoid, each score on its own")
print(tf.nn.sigmoid(scores))

print("Exactly one class is true: softmax, the scores share one whole")
print(tf.nn.softmax(scores))
print("which sums to", float(tf.reduce_sum(tf.nn.softmax(scores))))
print("the most likely class is", int(tf.argmax(scores)))
