export { transferModel } from './transfer.ts';
