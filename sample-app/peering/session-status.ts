/** Where a session is on its way, with the words for people. */
export const SESSION_STATUS = {
  requested: 'Requested',
  provisioning: 'Provisioning',
  enabled: 'Enabled',
  disabled: 'Disabled',
  decommissioning: 'Decommissioning',
} as const;

export type SessionStatus = keyof typeof SESSION_STATUS;
