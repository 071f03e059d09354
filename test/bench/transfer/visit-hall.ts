/** The server as a target of the distributed VIPA. */
import { serveWith, targetApplication } from 'interplex';

import { visitSite } from './visit-site.ts';

export const target = targetApplication({ serve: serveWith(visitSite()) });
