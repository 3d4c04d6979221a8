"""Starts MiniStack with the few parts of AWS that the monitor needs and MiniStack 1.5.33 lacks.

`npm run e2e` runs it, with the settings in the environment. The product is not changed for it: each part is
registered in the running emulator. Each part first checks that MiniStack still lacks it, so that an upgrade
of MiniStack shows which parts can go.
"""

import contextvars
import inspect
import json
import os
import signal
import sys
import threading
import types
import uuid
from urllib.parse import parse_qs

import cbor2
from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import cloudwatch, eventbridge, lambda_svc, mwaa
from ministack.services.cloudformation import handlers, provisioners


def lacking(is_lacking, part):
    """Ends the program when MiniStack has a part of its own."""
    if not is_lacking:
        sys.exit(f"{__file__}: MiniStack knows {part} by itself: remove that part here")


# --- Processes and ports


def end_with_starter():
    """Ends the emulator when the process that started it is gone, even if that one was killed."""

    def wait():
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def listen_on_one_port():
    """MiniStack would also take port 443 if it could."""
    app._port_is_bindable = lambda host, port: False


# --- CloudFormation's resource types


def register_type(name, create, update, delete):
    lacking(name not in provisioners._RESOURCE_HANDLERS, name)
    provisioners._RESOURCE_HANDLERS[name] = {"create": create, "update": update, "delete": delete}


# The quotas of PutQueryDefinition:
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
NAME_MAX = 255
TEXT_MAX = 10_000
LOG_GROUPS_MAX = 50


def register_saved_queries():
    """AWS::Logs::QueryDefinition, with the limits that AWS documents."""

    def checked(properties):
        for field, maximum in (("Name", NAME_MAX), ("QueryString", TEXT_MAX)):
            length = len(properties.get(field, ""))
            if not 1 <= length <= maximum:
                raise ValueError(f"{field} must have 1 to {maximum} characters, got {length}")
        groups = len(properties.get("LogGroupNames", []))
        if groups > LOG_GROUPS_MAX:
            raise ValueError(f"LogGroupNames must name at most {LOG_GROUPS_MAX} log groups, got {groups}")

    def create(logical_id, properties, stack_name):
        checked(properties)
        query_id = str(uuid.uuid4())
        return query_id, {"QueryDefinitionId": query_id}

    def update(physical_id, before, properties, stack_name):
        checked(properties)
        return physical_id, {"QueryDefinitionId": physical_id}

    register_type("AWS::Logs::QueryDefinition", create, update, lambda physical_id, properties: None)


def register_remembered(name, prefix):
    """A type that is accepted and does nothing: no traffic flows here."""

    def create(logical_id, properties, stack_name):
        physical_id = f"{prefix}-{uuid.uuid4().hex[:17]}"
        return physical_id, {"Id": physical_id}

    def update(physical_id, before, properties, stack_name):
        return physical_id, {"Id": physical_id}

    register_type(name, create, update, lambda physical_id, properties: None)


def register_airflow_environment():
    """AWS::MWAA::Environment, made by MiniStack's own CreateEnvironment. No Airflow is started."""

    def attributes(name):
        return {"Arn": mwaa._environments[name]["Arn"], "WebserverUrl": "localhost"}

    def create(logical_id, properties, stack_name):
        name = properties["Name"]
        fields = {field: value for field, value in properties.items() if field != "Name"}
        body = json.dumps(fields).encode()
        status, _, answer = mwaa._create_environment("PUT", f"/environments/{name}", {}, body, {})
        if status >= 400:
            raise ValueError(f"MWAA refuses the environment {name}: {answer}")
        # MiniStack forgets it, and the doctor asks for it.
        mwaa._environments[name]["KmsKey"] = properties.get("KmsKey")
        return name, attributes(name)

    def update(physical_id, before, properties, stack_name):
        fields = {field: value for field, value in properties.items() if field != "Name"}
        mwaa._environments[physical_id].update(fields)
        return physical_id, attributes(physical_id)

    register_type("AWS::MWAA::Environment", create, update, lambda name, properties: mwaa._environments.pop(name, None))


def start_no_airflow():
    """MiniStack would start Airflow in Docker, if it found Docker."""
    mwaa._get_docker = lambda: None


# --- IAM: the resources and the condition key that AWS's Service Authorization Reference names

other_resources = contextvars.ContextVar("other_resources", default=())


def name_resources():
    """The log groups of StartQuery, each by itself; the log stream of GetLogEvents; the environment of GetEnvironment."""
    original = iam_actions.extract_resource_arn

    def named(service, method, path, headers, body, params, region, account):
        other_resources.set(())
        if service == "logs" and headers.get("x-amz-target", "").endswith(".StartQuery"):
            query = json.loads(body)
            names = query.get("logGroupNames") or [query["logGroupName"]]
            first, *others = [f"arn:aws:logs:{region}:{account}:log-group:{name}" for name in names]
            other_resources.set(tuple(others))
            return first
        if service == "logs" and headers.get("x-amz-target", "").endswith(".GetLogEvents"):
            asked = json.loads(body)
            group, stream = asked["logGroupName"], asked["logStreamName"]
            return f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{stream}"
        if service == "airflow" and path.startswith("/environments/"):
            return f"arn:aws:airflow:{region}:{account}:environment/{path.split('/')[2]}"
        return original(service, method, path, headers, body, params, region, account)

    start_query = {"x-amz-target": "Logs_20140328.StartQuery"}
    place = ("eu-west-1", "000000000000")
    asked = original("logs", "POST", "/", start_query, b'{"logGroupNames": ["g"]}', {}, *place)
    lacking(asked == "*", "the log groups of StartQuery")
    asked = original("airflow", "GET", "/environments/e", {}, b"", {}, *place)
    lacking(asked == "*", "the environment of GetEnvironment")
    iam_actions.extract_resource_arn = named

    original_enforce = iam_evaluator.enforce

    def enforce(access_key_id, action, service, region, resource_arn="*", service_context=None):
        resources = [resource_arn, *(other_resources.get() if action == "logs:StartQuery" else ())]
        for resource in resources:
            denied = original_enforce(access_key_id, action, service, region, resource, service_context)
            if denied:
                return denied
        return None

    iam_evaluator.enforce = enforce


def name_metric_namespace():
    """PutMetricData has the condition key cloudwatch:namespace."""
    original = iam_actions.request_tag_context
    key = "cloudwatch:namespace"

    def context(service, action, body, params):
        found = original(service, action, body, params)
        namespace = namespace_of(body) if action == "cloudwatch:PutMetricData" else None
        return {**found, key: namespace} if namespace else found

    known = original("monitoring", "cloudwatch:PutMetricData", b"Namespace=n", {})
    lacking(key not in known, key)
    iam_actions.request_tag_context = context


def namespace_of(body):
    """CloudWatch's clients write CBOR, JSON or a form."""
    for read in (cbor2.loads, json.loads, lambda form: {"Namespace": parse_qs(form.decode())["Namespace"][0]}):
        try:
            return read(body)["Namespace"]
        except Exception:
            continue
    return None


def name_role_of_session():
    """aws:PrincipalArn is the ARN of the role, not of its session:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    original = iam_evaluator._resolve_condition_key

    def resolve(key, context):
        found = original(key, context)
        if key.lower() != "aws:principalarn" or ":assumed-role/" not in (found or ""):
            return found
        partition, account = found.split(":")[1], found.split(":")[4]
        return f"arn:{partition}:iam::{account}:role/{found.split('/')[1]}"

    session = iam_evaluator.EvalContext(
        principal_arn="arn:aws:sts::000000000000:assumed-role/r/s",
        principal_type="AssumedRole",
        principal_account="000000000000",
        action="sns:Publish",
        resource_arn="*",
        region="eu-west-1",
    )
    lacking(":assumed-role/" in original("aws:PrincipalArn", session), "the role of a session")
    iam_evaluator._resolve_condition_key = resolve


# --- CloudFormation: the stack of a resource


def find_stack_by_resource():
    """DescribeStackResources by PhysicalResourceId, which `doctor` asks."""
    original = handlers._ACTION_HANDLERS["DescribeStackResources"]

    def describe(params):
        physical_id = handlers._p(params, "PhysicalResourceId")
        if not physical_id or handlers._p(params, "StackName"):
            return original(params)
        from ministack.services.cloudformation import _stacks

        for stack in _stacks.values():
            resources = stack.get("_resources", {}).values()
            if any(resource.get("PhysicalResourceId") == physical_id for resource in resources):
                return original({"StackName": stack["StackName"]})
        return handlers._error("ValidationError", f"Stack for {physical_id} does not exist")

    lacking('"PhysicalResourceId")' not in inspect.getsource(original), "the stack of a resource")
    handlers._ACTION_HANDLERS["DescribeStackResources"] = describe


# --- Lambda's own metrics


def count_invocations_by_rules():
    """AWS/Lambda Invocations counts what EventBridge starts, too: an alarm watches it."""
    original = eventbridge._dispatch_to_lambda

    def dispatch(arn, payload):
        original(arn, payload)
        _, config, name = lambda_svc._get_func_record_for_ref(arn)
        if config:
            lambda_svc._emit_lambda_metrics(name, duration_ms=0.0, error=False, throttle=False)

    lacking("metric" not in inspect.getsource(original), "the invocations by rules")
    eventbridge._dispatch_to_lambda = dispatch


# --- CloudWatch's alarms


class OneMetric:
    """The metrics of MiniStack, reduced to those with given dimensions."""

    def __init__(self, metrics, dimensions):
        self._metrics = metrics
        self._dimensions = dimensions

    def items(self):
        return [(key, points) for key, points in self._metrics.items() if key[2] == self._dimensions]


def evaluate_by_dimensions():
    """An alarm reads the metric with its own dimensions only."""
    original = cloudwatch._evaluate_alarm

    def evaluate(alarm):
        dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
        # The same function, with another view of the module: other threads go on with all metrics.
        view = {**vars(cloudwatch), "_metrics": OneMetric(cloudwatch._metrics, dimensions)}
        types.FunctionType(original.__code__, view)(alarm)

    lacking("Dimensions" not in inspect.getsource(original), "an alarm's dimensions")
    cloudwatch._evaluate_alarm = evaluate


def remember_alarm_actions():
    """An alarm's history says what became of its actions, which `send-test` reads."""
    original = cloudwatch._dispatch_alarm_actions
    fields = {"ALARM": "AlarmActions", "OK": "OKActions"}

    def dispatch(alarm, old_state, new_state, reason):
        original(alarm, old_state, new_state, reason)
        if not alarm.get("ActionsEnabled", True):
            return
        now = cloudwatch.time.time()
        for arn in alarm.get(fields.get(new_state, "")) or []:
            outcome = {"actionState": "Succeeded", "notificationResource": arn, "stateUpdateTimestamp": int(now * 1000)}
            cloudwatch._history_entries().append(
                {
                    "AlarmName": alarm["AlarmName"],
                    "AlarmType": "MetricAlarm",
                    "Timestamp": cloudwatch._ts_iso(now),
                    "HistoryItemType": "Action",
                    "HistorySummary": f"Successfully executed action {arn}",
                    "HistoryData": json.dumps(outcome),
                }
            )

    lacking("history" not in inspect.getsource(original), "the history of an alarm's actions")
    cloudwatch._dispatch_alarm_actions = dispatch


end_with_starter()
listen_on_one_port()
register_saved_queries()
register_remembered("AWS::EC2::FlowLog", "fl")
register_remembered("AWS::EC2::SecurityGroupIngress", "sgr")
register_airflow_environment()
start_no_airflow()
name_resources()
name_metric_namespace()
name_role_of_session()
find_stack_by_resource()
count_invocations_by_rules()
evaluate_by_dimensions()
remember_alarm_actions()
app.main()
