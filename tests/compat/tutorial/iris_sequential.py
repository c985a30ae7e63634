import tensorflow as tf
from sklearn import datasets
import numpy as np

x_train = datasets.load_iris().data
y_train = datasets.load_iris().target
np.random.seed(1024)
np.random.shuffle(x_train)
np.random.seed(1024)
np.random.shuffle(y_train)

'''
1.目前我们使用1层神经网络,所以共有3个神经元(输出层3分类所以是3个神经元,输入层不做计算不是神经元)
2.激活函数使用softmax使得结果符合概率分布
3.正则化使用l2正则化
4.Sequential参数是个list,本案例我们只使用1层神经网络,所以list填入1个dense,如果你使用多层神经网络
则需要在list中增加隐藏层的dense。
'''
model = tf.keras.models.Sequential([
    tf.keras.layers.Dense(3, activation="softmax", kernel_regularizer=tf.keras.regularizers.l2())
])


'''
1.优化器使用SGD,学习率设置为0.1
2.激活函数使用softmax使得结果符合概率分布,所以from_logits=False
3.鸢尾花数据集的标签是数值,我们前向传播结果是独热码符合概率分布
'''
model.compile(optimizer=tf.keras.optimizers.SGD(lr=0.1),
              loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False),
              metrics=["sparse_categorical_accuracy"])

'''
1.x_train是训练特征值,y_train是训练标签
2.batch_size:每次喂入神经网络32组数据
3.epochs:迭代循环次数500
4.validation_split:从训练集的20%作为测试集
5.validation_freq:每迭代20次从测试集中验证一次准确率
'''
model.fit(x_train, y_train, batch_size=32, epochs=100, validation_split=0.2, validation_freq=20)

# 打印出神经网络结构和参数
model.summary()
