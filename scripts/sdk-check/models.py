"""Holds answers to the models of the SDKs, which by themselves check nothing: they read whatever comes."""

import inspect

import pydantic


def strict(response):
    """The data of a raw response of ElevenLabs' or Deepgram's SDK, once the answer was held to their model of it."""
    hold(response._response.json(), response.data)
    return response.data


def hold(raw, data):
    """Fails where `raw` lacks what the model of `data` asks for, or has it in another shape."""
    if isinstance(data, list):
        for entry, read in zip(raw, data, strict=True):
            hold(entry, read)
    else:
        assert isinstance(data, pydantic.BaseModel), f"{type(data)} is no model"
        type(data).model_validate(raw)


def known(model):
    """`model`, once it is sure that it and all in it have only fields that the SDK knows."""
    assert not model.model_extra, f"the SDK does not know {sorted(model.model_extra)} of {type(model).__name__}"
    for name in type(model).model_fields:
        part = getattr(model, name)
        if isinstance(part, pydantic.BaseModel):
            known(part)
    return model


def has_types(instance, **types):
    """Fails where an attribute is of another type: twilio's SDK hands on what it cannot read as it came."""
    for name, kind in types.items():
        value = getattr(instance, name)
        wanted = kind if inspect.isclass(kind) else tuple(kind)
        assert isinstance(value, wanted), f"{name} is {value!r}"
