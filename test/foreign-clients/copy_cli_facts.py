"""Copies what the AWS CLI knows of the operations that mails and the runbook on uploads name, from botocore's models of the services.

    python3 test/foreign-clients/copy_cli_facts.py > test/lambda/setup/cli-facts.json

Needs botocore, of which awscli is made: its options are the members of an operation's input in kebab case.
"""

import json

import botocore
import botocore.session
from botocore import xform_name

OPERATIONS = {
    "mwaa": ["InvokeRestApi", "GetEnvironment"],
    "s3": ["ListObjectVersions"],
    "cloudtrail": [
        "LookupEvents",
        "ListEventDataStores",
        "StartQuery",
        "DescribeQuery",
        "GetQueryResults",
    ],
    "athena": ["StartQueryExecution", "GetQueryExecution", "GetQueryResults"],
}
# The CLI's own names of services whose high-level commands took the first name.
COMMANDS = {"s3": "s3api"}


def facts_of(shape, required):
    facts = {"type": shape.type_name, "required": required}
    if getattr(shape, "is_document_type", False):
        facts["type"] = "document"
    for key in ("min", "max", "pattern", "enum"):
        if key in shape.metadata:
            facts[key] = shape.metadata[key]
    if shape.type_name == "list" and shape.member.type_name == "structure":
        facts["members"] = {
            name: facts_of(member, name in shape.member.required_members)
            for name, member in shape.member.members.items()
        }
    return facts


def answer_of(shape, depth=0):
    """The names of an answer's members, as far as a query names them."""
    if depth > 4:
        return {}
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        return {name: answer_of(member, depth + 1) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [answer_of(shape.member, depth + 1)]
    return shape.type_name


session = botocore.session.get_session()
table = {}
for service, operations in OPERATIONS.items():
    model = session.get_service_model(service)
    for name in operations:
        shape = model.operation_model(name).input_shape
        command = f"{COMMANDS.get(service, service)} {xform_name(name, '-')}"
        table[command] = {
            "options": {
                f"--{xform_name(member, '-')}": facts_of(inner, member in shape.required_members)
                for member, inner in shape.members.items()
            },
            "answer": answer_of(model.operation_model(name).output_shape),
        }
facts = {"source": f"botocore {botocore.__version__}", "commands": table}
print(json.dumps(facts, indent=2, sort_keys=True))
