"""The model card of an exported student: what it was trained on, by whom its data was written, how good it is.

Facts the project does not know are left out, never filled in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined

PROGRAM = "DSBS Studio"
_BETWEEN = 16
"""Tokens for the words between rationale and label in one text."""

TEMPLATE = """\
---
{% for key, value in front.items() -%}
{{ key }}: {{ value }}
{% endfor -%}
---

# {{ title }}

A student of {{ c.task_title | default("a text task", true) }}, trained by \
{{ c.method_title | default("finetuning", true) }} with DSBS Studio.
{%- if c.get("lambda") is not none and c.get("lambda") is defined and c.explains %}
Loss: label + λ · rationale, λ = {{ c["lambda"] }} (α = {{ alpha }} in the reference code).
{%- endif %}

## Use

```python
{{ usage }}```

{% if meta.label_prefix -%}
The input is asked with the prefix `{{ meta.label_prefix }}`
{%- if meta.explains %}; with `{{ meta.rationale_prefix }}` the student writes a rationale{% endif %}.
{%- else -%}
The input is asked as it is, without a prefix.
{%- endif %}
{%- if meta.single_target %}
The answer is one text:
{%- if meta.label_first %} the label, `{{ c.between }}` and a rationale; for the label alone, stop at these words.
{%- else %} a rationale, `{{ c.between }}` and the label.
{%- endif %}
{%- endif %}
Inputs longer than {{ meta.max_input }} tokens are cut.
Saved with transformers {{ c.versions.transformers | default("5", true) }}; load it with the same major version.

{% if c.metrics -%}
## Results

| split | n | accuracy | 95 % interval |
|---|---|---|---|
{% for m in c.metrics -%}
| {{ m.split | cell }} | {{ m.n }} | {{ "%.1f" | format(100 * m.accuracy) }} % \
| {{ "%.1f" | format(100 * m.ci[0]) }} to {{ "%.1f" | format(100 * m.ci[1]) }} % |
{% endfor %}
Accuracy is the share of greedy answers that mean the gold label; the interval is Wilson's.
{% else -%}
## Results

This student has not been evaluated.
{% endif %}
## Data

{% for name, value in data.items() -%}
* {{ name }}: {{ value | cell }}
{% endfor %}
{% if c.counts -%}
Rationales of the rows to learn from: {% for name, n in c.counts.items() -%}
{{ n }} {{ name }}{{ ", " if not loop.last }}{% endfor %}.
{% endif %}
## Training

{% for name, value in training.items() -%}
* {{ name }}: {{ value | cell }}
{% endfor %}
## Licence

{{ licence }}
"""

USAGE = """\
from transformers import {auto}, AutoTokenizer

folder = "{folder}"
tokenizer = AutoTokenizer.from_pretrained(folder)
model = {auto}.from_pretrained(folder)
text = {prefix} + "…"{separator}
ids = tokenizer(text, return_tensors="pt", truncation=True, max_length={max_input})
output = model.generate(**ids, max_new_tokens={max_answer}, do_sample=False)
print(tokenizer.decode({output}, skip_special_tokens=True))
"""


def model_card(card: Mapping[str, Any], meta: Mapping[str, Any], folder: str) -> str:
    """The text of ``README.md``.

    Args:
        card: ``task_title, method_title, lambda, explains, metrics [{split, n, accuracy, ci}], counts, data
            {name: text}, training {name: text}, versions, base, base_license, between (the words between rationale
            and label in one text)``; each may be absent.
        meta: the student's own description, ``dsbs_student.json``.
        folder: name of the export.
    """
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    environment.filters["cell"] = _cell
    known = {"versions": {}, "metrics": [], "counts": {}, "lambda": None, "explains": False, **card}
    strength = known["lambda"]
    return environment.from_string(TEMPLATE).render(
        front=_front_matter(known, meta),
        title=_cell(str(known.get("title") or folder)),
        c=_Open(known),
        meta=meta,
        alpha="" if strength is None else f"{1 / (1 + float(strength)):.3g}",
        data=known.get("data") or {"Training data": "not recorded"},
        training=known.get("training") or {"Settings": "not recorded"},
        licence=_licence(known),
        usage=usage_snippet(meta, folder),
    )


def usage_snippet(meta: Mapping[str, Any], folder: str) -> str:
    """Code that asks the student once, with nothing but transformers."""
    seq2seq = meta.get("kind") == "encoder-decoder"
    separator = "" if seq2seq else f" + {json.dumps(meta.get('separator', ''), ensure_ascii=False)}"
    return USAGE.format(
        auto="AutoModelForSeq2SeqLM" if seq2seq else "AutoModelForCausalLM",
        folder=folder.replace("\\", "/").replace('"', ""),
        prefix=json.dumps(meta.get("label_prefix", ""), ensure_ascii=False),
        separator=separator,
        max_input=meta.get("max_input", 256),
        max_answer=meta.get("max_label", 64)
        + (_BETWEEN + meta.get("max_target", 128) if meta.get("single_target") else 0),
        output="output[0]" if seq2seq else 'output[0][ids["input_ids"].shape[1]:]',
    )


class _Open(dict[str, Any]):
    """A dict whose absent keys are None in the template."""

    def __missing__(self, key: str) -> None:
        return None

    def __getattr__(self, key: str) -> Any:
        return self.get(key)


def _front_matter(card: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, str]:
    front: dict[str, Any] = {
        "library_name": "transformers",
        "pipeline_tag": "text2text-generation" if meta.get("kind") == "encoder-decoder" else "text-generation",
        "tags": ["distillation", "distilling-step-by-step"],
    }
    if card.get("base_license"):
        front["license"] = str(card["base_license"]).lower()
    if card.get("base"):
        front["base_model"] = str(card["base"])
    return {key: json.dumps(value, ensure_ascii=False) for key, value in front.items()}  # JSON is YAML


def _licence(card: Mapping[str, Any]) -> str:
    base, licence = card.get("base"), card.get("base_license")
    if not base:
        return "The student was made from scratch; the licence of the data applies to what it learnt."
    if not licence:
        return f"The base student is {_cell(str(base))}; its licence applies and is not recorded here."
    return f"The base student {_cell(str(base))} is under {_cell(str(licence))}, which applies to this student too."


def _cell(value: object) -> str:
    """Text that stays on its line and in its table cell."""
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")
