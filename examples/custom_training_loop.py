"""A training loop written by hand. With TensorFlow: python custom_training_loop.py
On minikeras: python -m minikeras run custom_training_loop.py"""

import tensorflow as tf
from sklearn import datasets

x, y = datasets.load_iris(return_X_y=True)
x = tf.cast(x, tf.float32)
targets = tf.one_hot(y, depth=3)

kernel = tf.Variable(tf.zeros([4, 3]))
bias = tf.Variable(tf.zeros([3]))
learning_rate = 0.1

for epoch in range(1, 201):
    with tf.GradientTape() as tape:
        probabilities = tf.nn.softmax(tf.matmul(x, kernel) + bias)
        loss = tf.reduce_mean(tf.square(targets - probabilities))
    dkernel, dbias = tape.gradient(loss, [kernel, bias])
    kernel.assign_sub(learning_rate * dkernel)
    bias.assign_sub(learning_rate * dbias)
    if epoch % 50 == 0:
        hits = tf.equal(tf.argmax(probabilities, axis=1), y)
        accuracy = tf.reduce_mean(tf.cast(hits, tf.float32))
        print(f"epoch {epoch}: loss {float(loss):.4f}, accuracy {float(accuracy):.3f}")
