/**
 * Flask-AppBuilder's tables of users, roles, groups and permissions
 * (flask_appbuilder.security.sqla.models).
 */
export const metadataTables = [
  ...['ab_user', 'ab_user_role', 'ab_user_group', 'ab_group', 'ab_group_role', 'ab_role'],
  ...['ab_permission', 'ab_permission_view', 'ab_permission_view_role', 'ab_view_menu'],
  'ab_register_user',
] as const;
