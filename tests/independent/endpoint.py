"""llama.cpp's own server, of the package xllamacpp: loads a model, prints its address, and ends with its standard input.

    python endpoint.py MODEL.gguf CONTEXT KEY
"""

import sys

import xllamacpp

model, context, key = sys.argv[1], int(sys.argv[2]), sys.argv[3]
parameters = xllamacpp.CommonParams()
parameters.model.path = model
parameters.n_ctx = context
parameters.n_parallel = 1
parameters.warmup = False
parameters.cpuparams.n_threads = 2
parameters.api_keys = [key]
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()
