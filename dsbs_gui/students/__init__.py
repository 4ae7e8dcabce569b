"""The torch shelf: loading, making, saving and asking students.

Shared by the heavy side of training, evaluation and export, and imported from ``steps/*/work`` only.
It needs torch, transformers, tokenizers and safetensors, and nothing else, so that it also runs
on a bare training machine.
"""
