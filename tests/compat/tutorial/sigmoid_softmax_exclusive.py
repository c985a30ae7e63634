import tensorflow as tf

y = tf.constant([-0.9419267177581787, 1.944047451019287])
print(tf.nn.sigmoid(y))
print(tf.nn.softmax(y))
