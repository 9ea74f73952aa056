#!/usr/bin/env python3
"""Golden bytes of event files: records that TensorBoard's own record writer and protocol buffers make.

    pip install tensorboard
    python3 Scripts/golden/events.py             # rewrites Tests/EventFilesTests/Golden/events.json

Each case is one record in hexadecimal. Fields and keys of maps are in order (deterministic serialisation).
"""
import io, json, platform
from importlib.metadata import version
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.plugins.scalar import metadata as scalars
from tensorboard.plugins.text import metadata as texts
from tensorboard.summary.writer.record_writer import RecordWriter

OUT = Path(__file__).resolve().parents[2] / "Tests/EventFilesTests/Golden"
WALL = 1700000000.25
PNG = bytes([0x89]) + b"PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes([0, 0, 1, 0x2C, 0, 0, 0, 7, 8, 6, 0, 0, 0, 1, 2, 3, 4])


class Sink(io.BytesIO):
    def close(self):
        pass


def record(event):
    sink = Sink()
    RecordWriter(sink).write(event.SerializeToString(deterministic=True))
    return sink.getvalue().hex()


def event(step, *values):
    return event_pb2.Event(wall_time=WALL, step=step, summary=summary_pb2.Summary(value=values))


def marked(created, kind):
    created.data_class = kind
    return created


def scalar(tag, number):
    # create_summary_metadata writes names for display, which are empty here.
    return summary_pb2.Summary.Value(
        tag=tag, simple_value=number, metadata=marked(scalars.create_summary_metadata("", ""), summary_pb2.DATA_CLASS_SCALAR))


def hparams(tag, data):
    created = marked(metadata.create_summary_metadata(data), summary_pb2.DATA_CLASS_TENSOR)
    created.plugin_data.content = plugin_data_pb2.HParamsPluginData.FromString(created.plugin_data.content).SerializeToString(deterministic=True)
    return summary_pb2.Summary.Value(tag=tag, metadata=created, tensor=metadata.NULL_TENSOR)


start = plugin_data_pb2.SessionStartInfo(start_time_secs=WALL)
start.hparams["batch-size"].number_value = 8
start.hparams["augment"].bool_value = False
start.hparams["model"].string_value = "ua-vls"
experiment = api_pb2.Experiment(
    time_created_secs=WALL,
    hparam_infos=[api_pb2.HParamInfo(name="augment", type=api_pb2.DATA_TYPE_BOOL), api_pb2.HParamInfo(name="batch-size", type=api_pb2.DATA_TYPE_FLOAT64),
                  api_pb2.HParamInfo(name="model", type=api_pb2.DATA_TYPE_STRING)],
    metric_infos=[api_pb2.MetricInfo(name=api_pb2.MetricName(tag="dice/validation"))])
text = summary_pb2.Summary.Value(
    tag="caption", metadata=marked(texts.create_summary_metadata("", ""), summary_pb2.DATA_CLASS_TENSOR),
    tensor=tensor_pb2.TensorProto(dtype=7, tensor_shape=tensor_shape_pb2.TensorShapeProto(), string_val=["größer ✓".encode()]))
image = summary_pb2.Summary.Value(
    tag="validation/1", image=summary_pb2.Summary.Image(height=7, width=300, colorspace=4, encoded_image_string=PNG))

cases = {
    "first": event_pb2.Event(wall_time=WALL, file_version="brain.Event:2", source_metadata=event_pb2.SourceMetadata(writer="swift-vlseg")),
    "scalar": event(1, scalar("loss/train", 0.75)),
    "scalars": event(2_000_000, scalar("a", -1e-30), scalar("a name of more than 127 bytes " * 5, 3e38)),
    "infinite": event(300, scalar("loss/train", float("inf"))),
    "text": event(0, text),
    "image": event(128, image),
    "hyperparameters": event(
        0, hparams(metadata.EXPERIMENT_TAG, plugin_data_pb2.HParamsPluginData(experiment=experiment)),
        hparams(metadata.SESSION_START_INFO_TAG, plugin_data_pb2.HParamsPluginData(session_start_info=start))),
    "end": event(
        9, hparams(metadata.SESSION_END_INFO_TAG, plugin_data_pb2.HParamsPluginData(
            session_end_info=plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS, end_time_secs=WALL)))),
}
about = dict(python=platform.python_version(), tensorboard=version("tensorboard"), protobuf=version("protobuf"))
OUT.mkdir(parents=True, exist_ok=True)
golden = dict(about=about, wallTime=WALL, png=PNG.hex(), records={name: record(event) for name, event in cases.items()})
(OUT / "events.json").write_text(json.dumps(golden, indent=1) + "\n")
print(about, {name: len(text) // 2 for name, text in golden["records"].items()})
