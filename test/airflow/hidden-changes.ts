import type { LabAirflow } from './lab-airflow.ts';

/** A change of privileges that leaves no line in any log. */
export interface HiddenChange {
  readonly what: string;
  /** Words that a finding must have. */
  readonly told: readonly string[];
  /** Likewise where the audit log alone is read, if its row says less. @default `told` */
  readonly toldByRow?: readonly string[];
  /** Whether a row of the audit log is left: a command of Airflow's own. */
  readonly leavesRow: boolean;
  readonly make: (lab: LabAirflow) => void;
}

/** Who is there before. */
export const usersBefore = [
  { name: 'admin', role: 'Admin' },
  ...['bob', 'carol', 'dave', 'frank', 'grace'].map((name) => ({ name, role: 'Viewer' })),
];

const grantBySql = (user: string, role: string) =>
  `INSERT INTO ab_user_role (user_id, role_id) SELECT u.id, r.id FROM ab_user u, ab_role r WHERE u.username = '${user}' AND r.name = '${role}'`;

/** Airflow's own models, as a task that has the database's credentials can use them. */
const grantByModels = (user: string, role: string) => `
from airflow.utils.session import create_session
from airflow.providers.fab.auth_manager.models import Role, User
with create_session() as session:
    user = session.query(User).filter(User.username == '${user}').one()
    user.roles.append(session.query(Role).filter(Role.name == '${role}').one())
`;

export const hiddenChanges: readonly HiddenChange[] = [
  {
    what: 'airflow users add-role, output thrown away',
    told: ['bob', 'Admin'],
    leavesRow: true,
    make: (lab) => lab.airflow('users', 'add-role', '-u', 'bob', '-r', 'Admin'),
  },
  {
    what: 'airflow users create, output thrown away',
    told: ['eve', 'Op'],
    leavesRow: true,
    make: (lab) => lab.createUser('eve', 'Op'),
  },
  {
    what: 'airflow users import of a file, output thrown away',
    told: ['ivan'],
    toldByRow: ['imports users'],
    leavesRow: true,
    make: (lab) => {
      const ivan = { username: 'ivan', email: 'ivan@example.com', roles: ['Op'] };
      const file = lab.write(
        'users.json',
        JSON.stringify([{ ...ivan, firstname: 'Ivan', lastname: 'Example' }]),
      );
      lab.airflow('users', 'import', file);
    },
  },
  {
    what: 'airflow roles create, output thrown away',
    told: ['sneaky'],
    leavesRow: true,
    make: (lab) => lab.airflow('roles', 'create', 'sneaky'),
  },
  {
    what: 'airflow roles add-perms, output thrown away',
    told: ['Viewer', 'Connections'],
    leavesRow: true,
    make: (lab) =>
      lab.airflow('roles', 'add-perms', 'Viewer', '-a', 'can_edit', '-r', 'Connections'),
  },
  {
    what: 'airflow users delete, output thrown away',
    told: ['carol'],
    leavesRow: true,
    make: (lab) => lab.airflow('users', 'delete', '-u', 'carol'),
  },
  {
    what: 'SQL: a role for a user',
    told: ['frank', 'Admin'],
    leavesRow: false,
    make: (lab) => lab.sql(grantBySql('frank', 'Admin')),
  },
  {
    what: 'SQL: a permission for Public',
    told: ['Public', 'Variables'],
    leavesRow: false,
    make: (lab) =>
      lab.sql(
        "INSERT INTO ab_permission_view_role (permission_view_id, role_id) SELECT pv.id, r.id FROM ab_permission_view pv JOIN ab_permission p ON p.id = pv.permission_id JOIN ab_view_menu v ON v.id = pv.view_menu_id, ab_role r WHERE p.name = 'can_read' AND v.name = 'Variables' AND r.name = 'Public'",
      ),
  },
  {
    what: 'SQL: a user switched off',
    told: ['dave'],
    leavesRow: false,
    make: (lab) => lab.sql("UPDATE ab_user SET active = 0 WHERE username = 'dave'"),
  },
  {
    what: 'Airflow’s own models: a role for a user',
    told: ['grace', 'Op'],
    leavesRow: false,
    make: (lab) => lab.python(grantByModels('grace', 'Op')),
  },
];
