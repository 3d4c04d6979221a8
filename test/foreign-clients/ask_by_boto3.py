"""Asks `privilege-monitor serve` by boto3 and by the AWS SDK for JavaScript; both must agree.

Run by hand, `npm run test:foreign`, with a Python that has boto3 as `python3` or in PYTHON:

    python3 -m venv boto3-venv && boto3-venv/bin/pip install boto3
    PYTHON=boto3-venv/bin/python npm run test:foreign
"""

import json
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


def serve():
    command = [NODE, ROOT / "cli/main.ts", "serve", "--logs", SESSION, "--port", "0"]
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


def javascript_answer(url, query, groups):
    program = ROOT / "test/foreign-clients/ask-by-javascript.ts"
    asked = json.dumps({"url": url, "queryString": query, "logGroupNames": groups, **WINDOW})
    return json.loads(subprocess.check_output([NODE, program, asked], text=True))


def comparable(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def main():
    server, url = serve()
    try:
        logs = boto3.client(
            "logs",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}),
        )
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
            theirs = javascript_answer(url, query, groups)
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
    finally:
        server.terminate()
        server.wait()
    print(f"{checks['passed']} passed, {checks['failed']} failed")
    sys.exit(1 if checks["failed"] else 0)


main()
