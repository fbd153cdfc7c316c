/** States of a BGP session as routers report them, with the words for people. */
export const BGP_STATE = {
  idle: 'Idle',
  connect: 'Connect',
  active: 'Active',
  opensent: 'OpenSent',
  openconfirm: 'OpenConfirm',
  established: 'Established',
} as const;

export type BgpState = keyof typeof BGP_STATE;
