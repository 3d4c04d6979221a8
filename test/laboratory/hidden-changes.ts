import type { RealAirflow } from './real-airflow.ts';

/** A change of privileges that a task makes so that no log line tells of it. */
export interface HiddenChange {
  readonly id: string;
  readonly description: string;
  /** A script for bash. What it prints goes into a file, not into the task's log. */
  readonly script: string;
  /** What the title of a finding must say when users, roles and the audit log are read. */
  readonly told: RegExp;
  /** The same when only the audit log is read; undefined if the audit log has no row of it. */
  readonly toldByAuditLog?: RegExp;
}

/** Ten ways, each with users or roles of its own. The last one removes what the first ones left. */
export const hiddenChanges: readonly HiddenChange[] = [
  {
    id: 'quiet-add-role',
    told: /bob has role Op/,
    toldByAuditLog: /gives bob role Op/,
    description: 'airflow users add-role, output thrown away',
    script: 'airflow users add-role -u bob -r Op',
  },
  {
    id: 'quiet-create',
    told: /user mallory is new and has role Admin/,
    toldByAuditLog: /creates user mallory with role Admin/,
    description: 'airflow users create, output thrown away',
    script: 'airflow users create -u mallory -p hidden-1 -r Admin -f M -l M -e mallory@example.com',
  },
  {
    id: 'quiet-delete',
    told: /user erin is gone/,
    toldByAuditLog: /deletes user erin/,
    description: 'airflow users delete, output thrown away',
    script: 'airflow users delete -u erin',
  },
  {
    id: 'quiet-role',
    told: /role Night is new, with .*can_edit on Connections/,
    toldByAuditLog: /gives role Night permissions/,
    description: 'airflow roles create and add-perms, output thrown away',
    script:
      'airflow roles create Night; airflow roles add-perms Night -r Connections -a can_create can_edit',
  },
  {
    id: 'quiet-import',
    told: /user nadia is new and has role Admin/i,
    toldByAuditLog: /imports users/,
    description: 'airflow users import, output thrown away',
    script: `cat >"$AIRFLOW_HOME/people.json" <<'END'
[{"username": "nadia", "email": "nadia@example.com", "firstname": "N", "lastname": "N", "roles": ["Admin"]}]
END
airflow users import "$AIRFLOW_HOME/people.json"`,
  },
  {
    id: 'security-manager',
    told: /carol has role Admin/,
    description: "Airflow's security manager in a process of its own",
    script: `python - <<'END'
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
with get_application_builder() as builder:
    manager = builder.sm
    user = manager.find_user(username="carol")
    user.roles = user.roles + [manager.find_role("Admin")]
    manager.update_user(user)
END`,
  },
  {
    id: 'models',
    told: /dora has role Admin/,
    description: "Airflow's models in a process of its own",
    script: `python - <<'END'
from airflow.utils.session import create_session
from airflow.providers.fab.auth_manager.models import Role, User
with create_session() as session:
    user = session.query(User).filter(User.username == "dora").one()
    user.roles.append(session.query(Role).filter(Role.name == "Admin").one())
END`,
  },
  {
    id: 'sql-new-admin',
    told: /User trudy is new and has role Admin/,
    description: 'SQL from a file: a new user with role Admin',
    script: sql(
      `insert into ab_user (first_name, last_name, username, password, active, email, created_on, changed_on)
values ('T', 'T', 'trudy', 'x', 1, 'trudy@example.com', current_timestamp, current_timestamp);
insert into ab_user_role (user_id, role_id)
select u.id, r.id from ab_user u, ab_role r where u.username = 'trudy' and r.name = 'Admin';`,
    ),
  },
  {
    id: 'sql-public',
    told: /Role Public gained "can_edit on Connections"/,
    description: 'SQL from a file: a permission for everybody, by role Public',
    script: sql(
      `insert into ab_permission_view_role (permission_view_id, role_id)
select v.id, r.id from ab_permission_view v
join ab_permission p on p.id = v.permission_id join ab_view_menu m on m.id = v.view_menu_id, ab_role r
where p.name = 'can_edit' and m.name = 'Connections' and r.name = 'Public';`,
    ),
  },
  {
    id: 'sql-wipe',
    told: /audit log rows are missing/,
    toldByAuditLog: /audit log rows are missing/,
    description: 'SQL from a file: rows of the audit log deleted',
    script: sql(`delete from log where event like 'cli_users%';`),
  },
];

/** Runs SQL by Python's own SQLite, since the database's client may not be installed. */
function sql(statements: string): string {
  return `cat >"$AIRFLOW_HOME/statements.sql" <<'END'
${statements}
END
python - <<'END'
import os, sqlite3
home = os.environ["AIRFLOW_HOME"]
connection = sqlite3.connect(home + "/airflow.db", timeout=60)
connection.executescript(open(home + "/statements.sql").read())
connection.commit()
END`;
}

/**
 * Makes changes as the tasks of one DAG run, one after the other.
 *
 * @returns what the tasks wrote into their logs
 * @throws CommandError when a task fails
 */
export async function makeChanges(
  airflow: RealAirflow,
  dagId: string,
  changes: readonly HiddenChange[],
): Promise<string> {
  for (const { id, script } of changes) {
    await airflow.write(`scripts/${id}.sh`, `set -e\n${script}\n`);
  }
  const bash = airflow.isSecond
    ? 'airflow.operators.bash'
    : 'airflow.providers.standard.operators.bash';
  const ids = JSON.stringify(changes.map(({ id }) => id));
  await airflow.write(
    `dags/${dagId}.py`,
    `from datetime import datetime
from airflow import DAG
from ${bash} import BashOperator

with DAG("${dagId}", start_date=datetime(2026, 1, 1), schedule=None):
    last = None
    for name in ${ids}:
        task = BashOperator(
            task_id=name, bash_command=f"cd $AIRFLOW_HOME/scripts; bash {name}.sh >{name}.out 2>&1"
        )
        if last is not None:
            last >> task
        last = task
`,
  );
  const output = await airflow.cli('dags', 'test', dagId);
  const ended = output.match(/state=success|Marking task as SUCCESS/g)?.length ?? 0;
  if (ended < changes.length) throw new Error(`not all tasks of ${dagId} succeeded:\n${output}`);
  return output;
}
