/** The server as a worker of `cluster`. */
import { visitSite } from './visit-site.ts';

process.on('disconnect', () => process.exit());
visitSite().listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
