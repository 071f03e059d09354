/** A module that exports neither role, though a name may look like one. */
export const target = { serve: 'nothing' };
