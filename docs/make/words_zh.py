"""The Chinese words of the drawings, in docs/drawings/zh. Its terms are those of docs/zh/glossary.md.

In an English text, # stands for a number, … for a list of numbers and names; both are in the Chinese one
too, in the same order. What has no words but names needs no Chinese: "sigmoid(0.92) = 0.72".
"""

import re
from html import escape, unescape

NAMES = "exp", "leaky relu", "log", "relu", "sigmoid", "tanh"
WORDS = {
    # neuron
    "A neuron": "一个神经元",
    "Each input is multiplied by a weight, green above 0 and violet below. The products and a bias "
    "are added up to #. The activation function, here sigmoid, turns the sum into #.":
        "每个输入乘以一个权重，大于 0 的权重是绿色，小于 0 的是紫色。所有乘积与偏置相加，得 #。激活"
        "函数（这里是 sigmoid）把这个加权和变成 #。",
    "inputs": "输入",
    "weights": "权重",
    "sum": "加权和",
    "activation": "激活函数",
    "output": "输出",
    "bias": "偏置",
    # matrix_product
    "X has # rows of # pixels, W has # columns of # weights. Each row of X times each column of W "
    "is one number of the result, # x #. The # biases are added to each of its rows, which is "
    "called broadcasting.":
        "X 有 # 行，每行 # 个像素；W 有 # 列，每列 # 个权重。X 的每一行乘以 W 的每一列，得到结果（"
        "# x #）中的一个数。# 个偏置加到结果的每一行上，这叫做广播。",
    "a row for each image": "每幅图像占一行",
    "a column": "每个神经元",
    "for each neuron": "占一列",
    "added to each": "加到每一行上，",
    "of # rows": "共 # 行",
    "a row times a column:": "一行乘以一列：",
    "# products, added up,": "# 个乘积相加，",
    "are one number": "得到一个数",
    # softmax
    "Softmax": "Softmax：把加权和变成概率",
    "Ten sums, the largest #; the exponential of each; and each exponential divided by all "
    "together, #. The largest sum gets a probability of #.":
        "十个加权和，最大的是 #；各自的指数；再用每个指数除以全部指数的总和 #。最大的加权和得到的概"
        "率是 #。",
    "digit": "数字",
    "exp(sum)": "exp(加权和)",
    "divided by #": "除以 #",
    "all together": "合计",
    # cross_entropy
    "Cross-entropy": "交叉熵",
    "The network gives the right digit, #, a probability of #. The one-hot answer is # there and # "
    "elsewhere, so the loss is -log(#) = #. A curve shows the loss for every probability: # for #, "
    "and ever larger towards #.":
        "正确数字是 #，网络给它的概率是 #。独热编码的正确答案在那里是 #，其余是 #，所以损失是 "
        "-log(#) = #。曲线画出每个概率对应的损失：损失 # 对应概率 #；概率越接近 #，损失越大，没有止"
        "境。",
    "loss": "损失",
    "probability of the right digit": "正确数字的概率",
    # valley
    "Steps down a valley": "往谷底走",
    "The loss after six steps: with a rate of # from # to #; with a rate of # from # to #; with a "
    "rate of # from # to #.":
        "走六步之后的损失：学习率为 # 时从 # 变到 #；学习率为 # 时从 # 变到 #；学习率为 # 时从 # 变"
        "到 #。",
    "too short": "步子太小",
    "right": "步子合适",
    "too long": "步子太大",
    "start": "起点",
    "end": "终点",
    "rate #": "学习率 #",
    "loss # → #": "损失 # → #",
    "the same with two weights, seen from above": "换成两个权重，从上往下看",
    "a line joins places of the same loss": "同一条线上的各点，损失相同",
    # backpropagation
    "Two layers, forward and back": "两层网络：往前算，往回传",
    "Three pixels, two hidden neurons, two answers: …. The loss is #. The slopes on the way back: "
    "….":
        "三个像素，两个隐藏神经元，两个答案：…。损失是 #。往回传的斜率：…。",
    "pixels": "像素",
    "layer #": "第 # 层",
    "sum #": "加权和 #",
    "loss #": "损失 #",
    "forward: weights, sums, outputs": "往前算：权重、加权和、输出",
    "back: slopes of the loss": "往回传：损失的斜率",
    # activations
    "Activation functions": "激活函数",
    "From -# to #, with their slopes, at most: ….":
        "画在 -# 到 # 之间，连同各自的斜率。斜率的最大值：…。",
    "slope at most #": "斜率最大为 #",
    "the function": "函数",
    "its slope": "它的斜率",
    # chain
    "The gradient on its way back, measured at the start": "梯度往回传，训练开始时测得",
    "Its size in each layer, the root mean square: ….": "每一层的梯度有多大，取均方根：…。",
    "from the loss": "从损失往回传",
    "sigmoid, lesson #": "sigmoid，第 # 课",
    "relu, lesson #": "relu，第 # 课",
    "each line is ten times the one below it": "每条横线是下面一条的十倍",
    # dropout
    "Dropout": "Dropout（随机失活）",
    "In training, # of # hidden neurons are switched off for this image, and the outputs of the "
    "others are divided by #; in tests, all work.":
        "训练时，这幅图像有 # 个隐藏神经元被关掉（一共 # 个），其余的输出除以 #；测试时，所有神经元"
        "都工作。",
    "in training": "训练时",
    "in tests": "测试时",
    "# % are switched off;": "关掉 #% 的神经元；",
    "the others: output / #": "其余的：输出 / #",
    "all neurons work;": "所有神经元都工作；",
    "output as it is": "输出不变",
    "# → # or #,": "# → # 或 #，",
    "on average #": "平均 #",
    # overfitting
    "Training and test loss part company": "训练损失与测试损失分道扬镳",
    "Curves with # to # weights are fitted to # points. The loss at these points falls from # to "
    "#; at other points it falls to # with # weights, then rises to #.":
        "用带 # 到 # 个权重的曲线去拟合 # 个点。这些点上的损失从 # 降到 #；其他点上的损失先降到 #（"
        "# 个权重），再升到 #。",
    "best": "最好",
    "weights of the curve: degrees of freedom": "曲线的权重个数，即自由度",
    "test: # others": "测试：另外 # 个点",
    "training: # points": "训练：# 个点",
    # degrees_of_freedom
    "Three causes of a high test loss, and what helps": "测试损失高的三种原因，以及对策",
    "too many weights: training #, test #; fewer weights: training #, test #; too little data: "
    "training #, test #; more data: training #, test #; the wrong shape: training #, test #; the "
    "right shape: training #, test #.":
        "权重太多：训练损失 #，测试损失 #；减少权重：训练损失 #，测试损失 #；数据太少：训练损失 #，"
        "测试损失 #；增加数据：训练损失 #，测试损失 #；结构不合适：训练损失 #，测试损失 #；结构合适："
        "训练损失 #，测试损失 #。",
    "the same: # weights, # points": "两幅相同：# 个权重，# 个点",
    "the truth": "真实规律",
    "the curve": "拟合的曲线",
    "training points": "训练用的点",
    "too many weights": "权重太多",
    "fewer weights": "减少权重",
    "too little data": "数据太少",
    "more data": "增加数据",
    "the wrong shape": "结构不合适",
    "the right shape": "结构合适",
    "# weights": "# 个权重",
    "# points": "# 个点",
    "# of a polynomial": "多项式的 # 个权重",
    "# of a wave": "波的 # 个权重",
    "training #": "训练损失 #",
    "test #": "测试损失 #",
    # convolution
    "A patch of weights slides over the image": "卷积核在图像上滑动",
    "A # of # x # pixels, padded with zeros. A patch of # x # weights finds its horizontal stroke: "
    "a new image of # x # is dark there. The same patch, turned, finds vertical strokes and makes "
    "a second image. These two are two channels.":
        "一个 #，有 # x # 个像素，四周用零填充。# x # 个权重的卷积核找出它的横画：得到一幅 # x # 的"
        "新图像，横画所在之处颜色深。同一个卷积核转过九十度，就找竖画，得到第二幅图像。这两幅就是两"
        "个通道。",
    "image": "图像",
    "new image": "新图像",
    "# × #, # channel": "# × #，# 个通道",
    "# × #, # channels": "# × #，# 个通道",
    "# × # × #, twice": "# × # × #，两组",
    "dashed: padding": "虚线：填充",
    "Sums below # become #: relu. In the next layer,": "小于 # 的加权和变成 #：这是 relu。到了下一层，",
    "a patch looks at both channels: # × # × # weights.":
        "卷积核同时看两个通道，有 # × # × # 个权重。",
    # stride
    "Stride and pooling": "步幅与池化",
    "A patch with nine weights of #, in its first two places. With stride # it begins in the "
    "padding beyond the edge and moves by one pixel, and the result is as large as the image; with "
    "stride # it moves by two, and the result is half as wide and high. Max pooling keeps the "
    "largest of each # x # numbers of the first result.":
        "九个权重都是 # 的卷积核，画出了它最先的两个位置。步幅为 # 时，它从边缘外的填充处开始，每次"
        "移动一个像素，结果与图像一样大；步幅为 # 时，它每次移动两个像素，结果的宽和高都只有一半。"
        "最大池化把第一个结果分成 # x # 的方格，每格只保留最大的数。",
    "stride #": "步幅 #",
    "# × #, moved by #": "# × #，每次移动 #",
    "max pooling": "最大池化",
    "largest of # × #": "# × # 中取最大",
    "largest": "取最大",
    "Dashed: padding with zeros. All nine weights are #,": "虚线：用零填充。九个权重都是 #，",
    "so the patch counts the ink. Max pooling": "所以卷积核数的就是墨迹。最大池化",
    "starts with the result of stride #.": "从步幅为 # 的结果开始。",
    # sizes_3.0, sizes_3.1
    "The sizes of lesson #, layer by layer": "第 # 课各层的大小",
    "…; together # weights + # biases.": "…；合计 # 个权重 + # 个偏置。",
    "numbers": "个数",
    "weights + biases": "权重 + 偏置",
    "together # weights + # biases": "合计 # 个权重 + # 个偏置",
}  # fmt: skip
NUMBER, LIST = r"([−\d](?:[\d.,/]*\d)?)", "(.+)"


class NoChinese(Exception):
    """A text of a drawing that is not in the list."""


def translated(drawing):
    """The same SVG with Chinese words."""
    chinese = re.sub(
        r"(?<=>)[^<>]+(?=</(?:title|desc|text)>)",
        lambda match: escape(in_chinese(unescape(match[0])), quote=False),
        drawing,
    )
    return chinese.replace("<svg ", '<svg xml:lang="zh-CN" ', 1)


def in_chinese(text):
    if not english_words(text):
        return text
    for english, chinese in WORDS.items():
        pattern = re.escape(english).replace(r"\#", NUMBER).replace("…", LIST)
        if found := re.fullmatch(pattern, text):
            return filled(chinese, found.groups())
    raise NoChinese(f"{text!r} has no Chinese yet in docs/make/words_zh.py.")


def filled(chinese, values):
    """With the numbers and lists in their places, the lists with Chinese punctuation."""
    values = iter(values)
    text = re.sub("#|…", lambda _: next(values), chinese)
    return text.replace(": ", "：").replace("; ", "；").replace(", ", "、")


def english_words(text):
    """Those that say something: not the names of functions and tensors."""
    without_names = re.sub(rf"\b(?:{'|'.join(NAMES)})\b", "", text)
    return re.findall(r"[A-Za-z][a-z]+", without_names)
