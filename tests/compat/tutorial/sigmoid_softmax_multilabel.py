import tensorflow as tf

y = tf.constant([-0.9, 1.9, 0.3, 1.5])
print(tf.nn.sigmoid(y))
print(tf.nn.softmax(y))
