"""Layers: functions with weights."""

from minikeras.layers.activations.activation import Activation
from minikeras.layers.activations.elu import ELU
from minikeras.layers.activations.leaky_relu import LeakyReLU
from minikeras.layers.activations.prelu import PReLU
from minikeras.layers.activations.relu import ReLU
from minikeras.layers.activations.softmax import Softmax
from minikeras.layers.convolutional.conv1d import Conv1D
from minikeras.layers.convolutional.conv1d_transpose import Conv1DTranspose
from minikeras.layers.convolutional.conv2d import Conv2D
from minikeras.layers.convolutional.conv2d_transpose import Conv2DTranspose
from minikeras.layers.convolutional.depthwise_conv1d import DepthwiseConv1D
from minikeras.layers.convolutional.depthwise_conv2d import DepthwiseConv2D
from minikeras.layers.convolutional.separable_conv1d import SeparableConv1D
from minikeras.layers.convolutional.separable_conv2d import SeparableConv2D
from minikeras.layers.core.dense import Dense
from minikeras.layers.core.embedding import Embedding
from minikeras.layers.core.identity import Identity
from minikeras.layers.core.input_layer import Input, InputLayer
from minikeras.layers.core.lambda_layer import Lambda
from minikeras.layers.core.masking import Masking
from minikeras.layers.core.wrapper import Wrapper
from minikeras.layers.input_spec import InputSpec
from minikeras.layers.layer import Layer
from minikeras.layers.merging.add import Add, add
from minikeras.layers.merging.average import Average, average
from minikeras.layers.merging.concatenate import Concatenate, concatenate
from minikeras.layers.merging.dot import Dot, dot
from minikeras.layers.merging.maximum import Maximum, maximum
from minikeras.layers.merging.minimum import Minimum, minimum
from minikeras.layers.merging.multiply import Multiply, multiply
from minikeras.layers.merging.subtract import Subtract, subtract
from minikeras.layers.normalization.batch_normalization import BatchNormalization
from minikeras.layers.normalization.group_normalization import GroupNormalization
from minikeras.layers.normalization.layer_normalization import LayerNormalization
from minikeras.layers.normalization.rms_normalization import RMSNormalization
from minikeras.layers.normalization.unit_normalization import UnitNormalization
from minikeras.layers.pooling.average_pooling1d import AveragePooling1D
from minikeras.layers.pooling.average_pooling2d import AveragePooling2D
from minikeras.layers.pooling.global_average_pooling1d import GlobalAveragePooling1D
from minikeras.layers.pooling.global_average_pooling2d import GlobalAveragePooling2D
from minikeras.layers.pooling.global_max_pooling1d import GlobalMaxPooling1D
from minikeras.layers.pooling.global_max_pooling2d import GlobalMaxPooling2D
from minikeras.layers.pooling.max_pooling1d import MaxPooling1D
from minikeras.layers.pooling.max_pooling2d import MaxPooling2D
from minikeras.layers.preprocessing.normalization import Normalization
from minikeras.layers.preprocessing.rescaling import Rescaling
from minikeras.layers.regularization.activity_regularization import (
    ActivityRegularization,
)
from minikeras.layers.regularization.alpha_dropout import AlphaDropout
from minikeras.layers.regularization.dropout import Dropout
from minikeras.layers.regularization.gaussian_dropout import GaussianDropout
from minikeras.layers.regularization.gaussian_noise import GaussianNoise
from minikeras.layers.regularization.spatial_dropout import (
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from minikeras.layers.reshaping.cropping1d import Cropping1D
from minikeras.layers.reshaping.cropping2d import Cropping2D
from minikeras.layers.reshaping.flatten import Flatten
from minikeras.layers.reshaping.permute import Permute
from minikeras.layers.reshaping.repeat_vector import RepeatVector
from minikeras.layers.reshaping.reshape import Reshape
from minikeras.layers.reshaping.up_sampling1d import UpSampling1D
from minikeras.layers.reshaping.up_sampling2d import UpSampling2D
from minikeras.layers.reshaping.zero_padding1d import ZeroPadding1D
from minikeras.layers.reshaping.zero_padding2d import ZeroPadding2D
from minikeras.layers.rnn.bidirectional import Bidirectional
from minikeras.layers.rnn.gru import GRU, GRUCell
from minikeras.layers.rnn.lstm import LSTM, LSTMCell
from minikeras.layers.rnn.rnn import RNN
from minikeras.layers.rnn.simple_rnn import SimpleRNN, SimpleRNNCell
from minikeras.layers.rnn.stacked_rnn_cells import StackedRNNCells
from minikeras.layers.rnn.time_distributed import TimeDistributed
from minikeras.registry import Family

# Keras's second names.
AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
Convolution1D = Conv1D
Convolution1DTranspose = Conv1DTranspose
Convolution2D = Conv2D
Convolution2DTranspose = Conv2DTranspose
SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D

__all__ = [
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "ELU",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "GRU",
    "GRUCell",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "LSTM",
    "LSTMCell",
    "Maximum",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Minimum",
    "Multiply",
    "Normalization",
    "Permute",
    "PReLU",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "RMSNormalization",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "RNN",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "get",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]

FAMILY = Family(
    "layer",
    "keras.layers",
    [
        Activation,
        ActivityRegularization,
        Add,
        AlphaDropout,
        Average,
        AveragePooling1D,
        AveragePooling2D,
        BatchNormalization,
        Bidirectional,
        Concatenate,
        Conv1D,
        Conv1DTranspose,
        Conv2D,
        Conv2DTranspose,
        Cropping1D,
        Cropping2D,
        Dense,
        DepthwiseConv1D,
        DepthwiseConv2D,
        Dot,
        Dropout,
        ELU,
        Embedding,
        Flatten,
        GaussianDropout,
        GaussianNoise,
        GlobalAveragePooling1D,
        GlobalAveragePooling2D,
        GlobalMaxPooling1D,
        GlobalMaxPooling2D,
        GroupNormalization,
        GRU,
        GRUCell,
        Identity,
        InputLayer,
        Lambda,
        LayerNormalization,
        LeakyReLU,
        Masking,
        LSTM,
        LSTMCell,
        Maximum,
        MaxPooling1D,
        MaxPooling2D,
        Minimum,
        Multiply,
        Normalization,
        Permute,
        PReLU,
        ReLU,
        RepeatVector,
        Rescaling,
        Reshape,
        SeparableConv1D,
        SeparableConv2D,
        RMSNormalization,
        Softmax,
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
        RNN,
        SimpleRNN,
        SimpleRNNCell,
        Softmax,
        StackedRNNCells,
        Subtract,
        TimeDistributed,
        UnitNormalization,
        UpSampling1D,
        UpSampling2D,
        Wrapper,
        ZeroPadding1D,
        ZeroPadding2D,
    ],
)
get, serialize, deserialize = FAMILY.get, FAMILY.serialize, FAMILY.deserialize
