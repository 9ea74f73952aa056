#!/usr/bin/env python3
"""Reads a folder of event files with TensorBoard's own code, and prints what TensorBoard would show, as JSON.

    python3 Scripts/check-tensorboard.py runs [--wall-times]

Needs: pip install tensorboard. One entry a run (a folder with event files): scalars as [step, value], images as [step, width, height,
SHA-256 of the PNG, size as decoded], texts as [step, text], the number of events up to the first damage. `hparams` is the table of the
HParams tab: its columns, and a row a run with settings, status and the last value of each metric.
"""
import argparse
import hashlib
import io
import json
import os
import sys

import numpy as np
from google.protobuf import json_format
from PIL import Image
from tensorboard import version
from tensorboard.backend.event_processing import data_provider, event_accumulator, event_file_loader, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups
from tensorboard.util import tensor_util


def number(value: float):
    """JSON has no NaN and no infinity."""
    return float(value) if np.isfinite(value) else str(value)


def run(folder: str, wall_times: bool) -> dict:
    accumulator = event_accumulator.EventAccumulator(folder, size_guidance={kind: 0 for kind in event_accumulator.DEFAULT_SIZE_GUIDANCE})
    accumulator.Reload()
    tags = accumulator.Tags()
    result = {"scalars": {}, "images": {}, "texts": {}, "plugins": {}}
    for tag in tags["scalars"]:
        result["scalars"][tag] = [[event.step, number(event.value)] + ([event.wall_time] if wall_times else []) for event in accumulator.Scalars(tag)]
    for tag in tags["images"]:
        result["images"][tag] = [
            [event.step, event.width, event.height, hashlib.sha256(event.encoded_image_string).hexdigest(),
             list(Image.open(io.BytesIO(event.encoded_image_string)).size)]
            for event in accumulator.Images(tag)]
    for tag in tags["tensors"]:
        if accumulator.SummaryMetadata(tag).plugin_data.plugin_name == "text":
            result["texts"][tag] = [[event.step, tensor_util.make_ndarray(event.tensor_proto).item().decode()] for event in accumulator.Tensors(tag)]
    for tag, metadata in accumulator.summary_metadata.items():
        result["plugins"][tag] = metadata.plugin_data.plugin_name
    # The accumulator passes over damage with a line in the log; the loader counts every event and stops at it.
    result["events"] = sum(
        1 for name in sorted(os.listdir(folder)) if "tfevents" in name
        for _ in event_file_loader.RawEventFileLoader(os.path.join(folder, name)).Load())
    return result


def hparams(folder: str) -> dict:
    """What the HParams tab asks the server for."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(folder)
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, folder)
    context = backend_context.Context(base_plugin.TBContext(data_provider=provider, logdir=folder))
    request = RequestContext()
    experiment = get_experiment.Handler(request, context, "", api_pb2.GetExperimentRequest(include_metrics=True)).run()
    columns = [api_pb2.ColParams(hparam=info.name) for info in experiment.hparam_infos]
    columns += [api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos]
    asked = api_pb2.ListSessionGroupsRequest(
        start_index=0, slice_size=1000, col_params=columns, include_metrics=True, aggregation_type=api_pb2.AGGREGATION_AVG,
        allowed_statuses=[api_pb2.STATUS_UNKNOWN, api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE, api_pb2.STATUS_RUNNING])
    groups = list_session_groups.Handler(request, context, "", asked).run()
    return {
        "settings": sorted(info.name for info in experiment.hparam_infos),
        "metrics": sorted(info.name.tag for info in experiment.metric_infos),
        "runs": {
            session.name: {
                "settings": {name: json_format.MessageToDict(value) for name, value in sorted(group.hparams.items())},
                "status": api_pb2.Status.Name(session.status),
                "metrics": {value.name.tag: [value.training_step, number(value.value)] for value in session.metric_values},
            }
            for group in groups.session_groups for session in group.sessions
        },
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="a folder of runs, such as runs, or of one run")
    parser.add_argument("--wall-times", action="store_true", help="scalars as [step, value, wall time]")
    options = parser.parse_args()
    runs = {}
    for folder, _, names in sorted(os.walk(options.folder)):
        if any("tfevents" in name for name in names):
            runs[os.path.relpath(folder, options.folder)] = run(folder, options.wall_times)
    if not runs:
        print(f"{options.folder}: holds no event files", file=sys.stderr)
        return 1
    json.dump({"tensorboard": version.VERSION, "runs": runs, "hparams": hparams(options.folder)}, sys.stdout, indent=1, sort_keys=True)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
