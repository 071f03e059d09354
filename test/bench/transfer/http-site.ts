/** The `http.Server` that is measured, and what it is asked: the same alone and as a target. */
import { createServer } from 'node:http';

export const siteRequest = Buffer.from('GET /rooms/kitchen HTTP/1.1\r\nHost: bench\r\n\r\n');

export const site = () =>
  createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end('{"node":"hall-1","thread":1,"room":"kitchen"}\n');
  });
