export { transferModel } from './transfer.ts';
export { takeoverModel } from './takeover.ts';
