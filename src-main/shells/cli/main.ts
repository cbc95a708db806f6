import { serve } from '../server/serve.ts';
export async function run(args: string[]) { return serve({port: undefined, json: args.includes('--json')}); }
