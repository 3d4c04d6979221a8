"""Asks `privilege-monitor serve` by boto3 and by the AWS SDK for JavaScript; both must agree.

Run by hand, `npm run test:foreign`, with a Python that has boto3 as `python3` or in PYTHON:

    python3 -m venv boto3-venv && boto3-venv/bin/pip install boto3
    PYTHON=boto3-venv/bin/python npm run test:foreign
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "node_modules/.bin/node"
SESSION = ROOT / "local/demo/sessions/airflow-2.10.3.ndjson.gz"
DOCUMENTED_QUERY = (
    'fields @log, @timestamp, @message | filter @message like "add-role" | stats count() by @log'
)
EXPECTED_COUNTS = {"DAGProcessing": 321, "Scheduler": 87, "Task": 112, "WebServer": 19, "Worker": 19}
WINDOW = {"startTime": 1_795_000_000, "endTime": 1_796_000_000}

checks = {"passed": 0, "failed": 0}


def check(rule, holds, seen=""):
    checks["passed" if holds else "failed"] += 1
    print(f"{'ok    ' if holds else 'FAILED'} {rule}{'' if holds else f': {seen}'}")


def serve(*options):
    """The stand-in on a free port, and its address."""
    command = [NODE, ROOT / "cli/main.ts", "serve", *options, "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return server, found.group()
    sys.exit("serve ended without naming its address")


def answer_of(logs, query, groups):
    query_id = logs.start_query(logGroupNames=groups, queryString=query, **WINDOW)["queryId"]
    while (answer := logs.get_query_results(queryId=query_id))["status"] in ("Scheduled", "Running"):
        time.sleep(0.05)
    return answer


def refusal_of(call):
    try:
        call()
    except ClientError as error:
        return error.response
    return None


def by_javascript(url, operation, **given):
    program = ROOT / "test/foreign-clients/ask-by-javascript.ts"
    asked = json.dumps({"url": url, "operation": operation, "input": given})
    return json.loads(subprocess.check_output([NODE, program, asked], text=True))


def comparable(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def client(service, url, **config):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


def check_refusal(rule, code, call):
    refused = refusal_of(call)
    check(rule, refused and refused["Error"]["Code"] == code, refused)


def check_events(logs, url):
    """Log groups that are made, filled by both clients, read by both and deleted."""
    group, stream = "airflow-boto3-Task", "dag_id=d/attempt=1.log"
    where = {"logGroupName": group, "logStreamName": stream}
    now = int(time.time() * 1000)

    logs.create_log_group(logGroupName=group, tags={"made": "by boto3"})
    logs.create_log_stream(**where)
    logs.put_retention_policy(logGroupName=group, retentionInDays=3)
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    check("a new group is described with its retention", described["retentionInDays"] == 3, described)
    check_refusal("a group that exists is a ResourceAlreadyExistsException", "ResourceAlreadyExistsException", lambda: logs.create_log_group(logGroupName=group))
    check_refusal("… and a stream, too", "ResourceAlreadyExistsException", lambda: logs.create_log_stream(**where))
    check_refusal("a retention of two days is an InvalidParameterException", "InvalidParameterException", lambda: logs.put_retention_policy(logGroupName=group, retentionInDays=2))

    day = 24 * 3600 * 1000
    events = [{"timestamp": now + ms, "message": f"boto3 {ms} é\n"} for ms in (1000, 1000, 1999)]
    rejected = logs.put_log_events(logEvents=[{"timestamp": now - 15 * day, "message": "old"}, *events], **where)
    check("what is too old and expired is rejected", rejected.get("rejectedLogEventsInfo") == {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 1}, rejected)
    accepted = by_javascript(url, "put", logEvents=[{"timestamp": now + 2000, "message": "JavaScript 2000"}], **where)
    check("the JavaScript SDK puts events, too", accepted == {}, accepted)
    check_refusal("events out of order are an InvalidParameterException", "InvalidParameterException", lambda: logs.put_log_events(logEvents=events[::-1], **where))
    check_refusal("events for a missing stream are a ResourceNotFoundException", "ResourceNotFoundException", lambda: logs.put_log_events(logGroupName=group, logStreamName="x", logEvents=events))

    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 2})
    found = [event for page in pages for event in page["events"]]
    messages = ["boto3 1000 é\n", "boto3 1000 é\n", "boto3 1999 é\n", "JavaScript 2000"]
    check("boto3 lists the events of both in pages", [event["message"] for event in found] == messages, found)
    theirs = by_javascript(url, "filter", logGroupName=group)["events"]
    check("… and the JavaScript SDK lists the same", theirs == found, theirs)
    chosen = logs.filter_log_events(logGroupName=group, filterPattern='boto3 -"1000 é"', startTime=now, endTime=now + 1999)["events"]
    check("a pattern and a range choose events", [event["message"] for event in chosen] == messages[2:3], chosen)
    check_refusal("a pattern for JSON is an InvalidParameterException", "InvalidParameterException", lambda: logs.filter_log_events(logGroupName=group, filterPattern="{ $.a = 1 }"))

    page = logs.get_log_events(startFromHead=True, limit=3, **where)
    rest = logs.get_log_events(startFromHead=True, nextToken=page["nextForwardToken"], **where)
    end = logs.get_log_events(startFromHead=True, nextToken=rest["nextForwardToken"], **where)
    check("GetLogEvents goes forward to its end", [event["message"] for event in page["events"] + rest["events"]] == messages, [page, rest])
    check("… where the token stays the same", not end["events"] and end["nextForwardToken"] == rest["nextForwardToken"], end)

    window = {"startTime": now // 1000, "endTime": now // 1000 + 10}
    query_id = logs.start_query(logGroupName=group, queryString="stats count() by @logStream", **window)["queryId"]
    counted = logs.get_query_results(queryId=query_id)["results"]
    check("a query finds what was put", {cell["field"]: cell["value"] for cell in counted[0]} == {"@logStream": stream, "count()": "4"}, counted)

    metric = {"Namespace": "AWS/Logs", "Dimensions": [{"Name": "LogGroupName", "Value": group}]}
    values = client("cloudwatch", url).get_metric_data(
        MetricDataQueries=[
            {"Id": name.lower(), "MetricStat": {"Metric": {**metric, "MetricName": name}, "Period": 3600, "Stat": "Sum"}}
            for name in ("IncomingLogEvents", "IncomingBytes")
        ],
        StartTime=now // 1000 - 600,
        EndTime=now // 1000 + 600,
    )["MetricDataResults"]
    size = sum(len(message.encode()) for message in messages)
    check("IncomingBytes adds up to what was put", sum(values[1]["Values"]) == size, values)

    # MWAA's host prefix `api.` cannot be put before an IP address.
    mwaa = client("mwaa", url, inject_host_prefix=False)
    logging = mwaa.get_environment(Name="boto3")["Environment"]["LoggingConfiguration"]
    check("an environment exists with its first log group", [logging[name]["Enabled"] for name in ("TaskLogs", "WorkerLogs")] == [True, False], logging)

    logs.delete_log_group(logGroupName=group)
    check_refusal("a deleted group is a ResourceNotFoundException", "ResourceNotFoundException", lambda: logs.filter_log_events(logGroupName=group))


def check_selftest(logs, url):
    """What `selftest --keep` left, as boto3 sees it."""
    command = [NODE, ROOT / "cli/main.ts", "selftest", "--yes", "--keep", "--json"]
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    report = json.loads(subprocess.check_output(command, env=environment, text=True))
    described = logs.describe_log_groups(logGroupNamePrefix="privilege-monitor-selftest-")["logGroups"]
    names = [group["logGroupName"] for group in described]
    check("boto3 lists the log groups that a self-test kept", names == sorted(report["logGroups"]), names)
    check("… with a retention of one day", {group["retentionInDays"] for group in described} == {1}, described)
    events = [
        event
        for name in names
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        for event in page["events"]
    ]
    check("… and all that it says it put", len(events) == report["planted"]["events"], len(events))
    for name in names:
        logs.delete_log_group(logGroupName=name)


def main():
    server, url = serve("--logs", SESSION)
    try:
        logs = client("logs", url)
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        check("the five log groups are there", len(groups) == 5, groups)

        answer = answer_of(logs, DOCUMENTED_QUERY, groups)
        counts = {
            cells["@log"].rsplit("-", 1)[1]: int(cells["count()"])
            for cells in ({cell["field"]: cell["value"] for cell in row} for row in answer["results"])
        }
        check("the documented query counts the events that contain add-role", counts == EXPECTED_COUNTS, counts)

        rows = "fields @timestamp, @log, @message | filter @message like 'add-role' | sort @timestamp, @message | limit 20"
        for query in (DOCUMENTED_QUERY, rows):
            ours = answer_of(logs, query, groups)
            theirs = by_javascript(url, "query", queryString=query, logGroupNames=groups, **WINDOW)
            check("boto3 and the JavaScript SDK get the same rows", comparable(ours["results"]) == comparable(theirs["results"]))
            check("… and the same statistics", ours["statistics"] == theirs["statistics"], theirs["statistics"])

        wrong = refusal_of(lambda: answer_of(logs, "fields @message | fliter x = 1", groups))
        check("a wrong query is a MalformedQueryException", wrong and wrong["Error"]["Code"] == "MalformedQueryException", wrong)
        location = wrong and wrong.get("queryCompileError", {}).get("location")
        check("… that says where", location == {"startCharOffset": 18, "endCharOffset": 24}, location)

        missing = refusal_of(lambda: answer_of(logs, "fields @message", ["nowhere"]))
        check("a missing group is a ResourceNotFoundException", missing and missing["Error"]["Code"] == "ResourceNotFoundException", missing)

        streams = logs.get_paginator("describe_log_streams").paginate(logGroupName=groups[0])
        names = [stream["logStreamName"] for page in streams for stream in page["logStreams"]]
        check("streams come in pages, each once", len(names) == len(set(names)) > 0, names)

        check_events(logs, url)
    finally:
        server.terminate()
        server.wait()

    # It lives at the present, which what is put needs; the recorded session does not.
    server, url = serve()
    try:
        check_selftest(client("logs", url), url)
    finally:
        server.terminate()
        server.wait()
    print(f"{checks['passed']} passed, {checks['failed']} failed")
    sys.exit(1 if checks["failed"] else 0)


main()
