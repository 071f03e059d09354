/** The server as a target, behind a routing application that reads the first request's head. */
import {
  answerRequest,
  peekHead,
  rendezvous,
  routingApplication,
  serveWith,
  targetApplication,
} from 'interplex';

import { site } from './http-site.ts';

export const routing = routingApplication(async (client, route) => {
  const { url } = await peekHead(client);
  const result = await route.transfer(client, {
    to: 'site',
    prefer: (targets) => rendezvous(targets, url),
  });
  if (result.outcome === 'refused') await answerRequest(client, 503, result.reason);
});

export const target = targetApplication({ serve: serveWith(site()) });
