#!/usr/bin/python3
"""A feedback loop from another language: feeds an open job until the mass of the Z boson is known well enough.

It submits an open job of examples/drell-yan with one input, watches it, fits the mass to the merged files as they appear, adds
another input while the error of the mass is larger than wanted, and then closes the job.

    python3 feedback.py --workdir WORKDIR --error GEV INPUT.lhe [INPUT.lhe ...]

It needs Python's grpc and protobuf, and protoc (apt-get install python3-grpcio python3-protobuf protobuf-compiler), and knows
of Noctua nothing but proto/. A driver, an actor and a merger are at work on WORKDIR.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
DRELL_YAN = os.path.join(TOP, "examples", "drell-yan")


def import_grpc():
    """The libraries, or one sentence that says what to do."""
    try:
        import grpc

        return grpc
    except ImportError:
        sys.exit("Python's grpc is missing: apt-get install python3-grpcio python3-protobuf protobuf-compiler")


def load_messages(folder):
    """The messages of JobService, as protoc makes them from proto/."""
    protos = ["noctua/v1/types.proto", "noctua/v1/job.proto"]
    subprocess.run(["protoc", "-I", os.path.join(TOP, "proto"), f"--python_out={folder}", *protos], check=True)
    sys.path.insert(0, folder)
    from noctua.v1 import job_pb2, types_pb2

    return job_pb2, types_pb2


class Driver:
    """The driver of a workdir. Its address is read anew for each dial: one that was restarted has another port."""

    def __init__(self, workdir, messages):
        self.grpc = import_grpc()
        self.messages = messages
        self.workdir = workdir
        self.dial()

    def dial(self):
        with open(os.path.join(self.workdir, "driver", "address.json"), encoding="utf-8") as file:
            address = json.load(file)
        with open(os.path.join(self.workdir, "driver", "trust", "writer.pem"), "rb") as file:
            pem = file.read()  # Key, certificate and the certificate of the run's authority: gRPC finds each.
        # The driver is known by the name of its run, wherever it is.
        name = ("grpc.ssl_target_name_override", f"driver.{address['run']}.noctua")
        credentials = self.grpc.ssl_channel_credentials(pem, pem, pem)
        self.channel = self.grpc.secure_channel(f"{address['host']}:{address['port']}", credentials, [name])

    def call(self, name, request):
        """A call that is answered once. Repeating it under its request id does nothing twice, so a driver that is away is waited for."""
        for _ in range(60):
            method = self.channel.unary_unary(
                f"/noctua.v1.JobService/{name}",
                request_serializer=type(request).SerializeToString,
                response_deserializer=getattr(self.messages, f"{name}Response").FromString,
            )
            try:
                return method(request, timeout=30)
            except self.grpc.RpcError as error:
                self.wait_after(error)
        sys.exit("the driver did not answer for a minute")

    def wait_after(self, error):
        """Until it helps to ask again, perhaps another driver; raises what asking again does not mend."""
        codes = self.grpc.StatusCode
        if error.code() not in (codes.UNAVAILABLE, codes.DEADLINE_EXCEEDED, codes.CANCELLED):
            raise error
        time.sleep(1)
        self.dial()

    def watch(self, job):
        """The job's states, until it is over. When the driver goes, the watch goes on with the next one."""
        token = ""
        while True:
            method = self.channel.unary_stream(
                "/noctua.v1.JobService/WatchJobs",
                request_serializer=self.messages.WatchJobsRequest.SerializeToString,
                response_deserializer=self.messages.WatchJobsResponse.FromString,
            )
            try:
                for response in method(self.messages.WatchJobsRequest(jobs=[job], resume_token=token)):
                    token = response.resume_token
                    yield from response.jobs
                return
            except self.grpc.RpcError as error:
                self.wait_after(error)

    def merged_files(self, job):
        """Paths of the merged files, relative to the workdir."""
        token = ""
        while True:
            page = self.call("ListMergedFiles", self.messages.ListMergedFilesRequest(job=job, page_token=token))
            yield from (file.path for file in page.files)
            token = page.next_page_token
            if not token:
                return


def spec_of(types, inputs):
    """An open job: fifty events a range, merged every five ranges."""
    command = ["node", "{jobDir}/simulate.mjs", "--input", "{input}", "--first", "{first}", "--last", "{last}"]
    command += ["--output", "{output}", "--cpu-ms-min", "0.1", "--cpu-ms-max", "0.2"]
    return types.JobSpec(
        name="feedback",
        job_dir=DRELL_YAN,
        inputs=inputs,
        events_per_range=50,
        payload=types.PayloadSpec(exec=types.ExecPayload(command=command), timeout_ms=60_000),
        output_suffix=".jsonl",
        merge=types.MergeSpec(every_outputs=5, concat=types.ConcatTool(), attempts_max=3, timeout_ms=60_000),
        retry=types.RetrySpec(attempts_max=3),
        durability=types.DURABILITY_STRICT,
        outputs=types.OUTPUTS_FILES,
        open=True,
    )


def input_of(types, path):
    """An input file, whose events are counted."""
    with open(path, encoding="utf-8") as file:
        events = sum(line.strip() == "<event>" for line in file)
    found = os.stat(path)
    modified = found.st_mtime_ns // 1_000_000
    return types.InputFile(
        path=os.path.abspath(path), first_event=1, events=events, size_bytes=found.st_size, modified_unix_ms=modified
    )


def fit(paths):
    """The fitted mass and its error in GeV; nothing while there are too few events."""
    if not paths:
        return None
    command = ["node", os.path.join(DRELL_YAN, "analyse.mjs"), *paths, "--json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found if found["zMassGev"] is not None else None


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    arguments.add_argument("--workdir", required=True)
    arguments.add_argument("--error", type=float, required=True, help="the error of the mass that is wanted, in GeV")
    arguments.add_argument("inputs", nargs="+", help="event files, used one after the other")
    given = arguments.parse_args()
    import_grpc()
    with tempfile.TemporaryDirectory() as folder:
        messages, types = load_messages(folder)
        feed(Driver(given.workdir, messages), types, given)


def feed(driver, types, given):
    messages = driver.messages
    left = [input_of(types, path) for path in given.inputs]
    spec = spec_of(types, [left.pop(0)])
    job = driver.call("SubmitJob", messages.SubmitJobRequest(request_id=str(uuid.uuid4()), spec=spec)).job
    fitted_files, is_closed = 0, False
    for status in driver.watch(job):
        if is_closed or status.files_merged == fitted_files or status.groups_open > 0:
            continue
        if status.ranges.ready + status.ranges.held > 0:
            continue  # What was added last is not done yet.
        fitted_files = status.files_merged
        found = fit([os.path.join(given.workdir, path) for path in driver.merged_files(job)])
        error = found["zMassErrorGev"] if found else float("inf")
        print(f"{status.events_done} events: {describe(found)}", flush=True)
        if error <= given.error or not left:
            driver.call("CloseJob", messages.CloseJobRequest(request_id=str(uuid.uuid4()), job=job))
            is_closed = True
        else:
            more = messages.AddRangesRequest(request_id=str(uuid.uuid4()), job=job, inputs=[left.pop(0)])
            driver.call("AddRanges", more)
    found = fit([os.path.join(given.workdir, path) for path in driver.merged_files(job)])
    print(f"job {job} is over: {describe(found)}")
    sys.exit(0 if found and found["zMassErrorGev"] <= given.error else 1)


def describe(found):
    if not found:
        return "too few events for a fit"
    return f"m(Z) = {found['zMassGev']:.2f} ± {found['zMassErrorGev']:.2f} GeV"


if __name__ == "__main__":
    main()
