"""Random networks, trained in real tf.keras and on minikeras: where do they part?

    python -m parity fuzz --n 100 --seed 1

dice        random choices of a draw
spec        a draw: what a script consists of, as plain data
text        the script of a draw
writing     values and calls as they stand in a script
shapes      lengths that layers leave
layers_*    which layers are drawn, with which options, and the shapes they make
bodies      the layers of a network, from the data to the heads
heads       targets, the last layers, losses and metrics that fit each other
training    optimizers and the settings of compile and fit
graph_*     the same for functional models: the table of expressions between layers,
            nodes, draws, script lines, what there is in them, smaller ones
draw        puts a draw together; the same seed gives the same draws
trial       runs a draw's script in tf.keras, minikeras and float64 and compares
plainer     simpler layers, losses and optimizers
shrink      a smaller draw that parts in the same way
show        the tables
command     the command line
"""
