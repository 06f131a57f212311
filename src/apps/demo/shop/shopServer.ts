import { createServer, type Server, type ServerResponse } from 'node:http';
import { type Answer, type Route, routesOf, type ShopRole } from './routes.ts';
import type { LoadedConfig } from './shopConfig.ts';
import { type ConfigRun, ShopRecord } from './shopRecord.ts';
import type { Supplier } from './supplier.ts';

/** One instance of the shop: its routes, its configuration in force, and what it says of itself. */
export class Shop {
  readonly server: Server;
  readonly #role: ShopRole;
  readonly #name: string;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #record: ShopRecord;
  #loaded: LoadedConfig;
  #run: ConfigRun;

  constructor(role: ShopRole, name: string, loaded: LoadedConfig, supplier: Supplier) {
    const routes = routesOf(role, supplier);
    this.#role = role;
    this.#name = name;
    this.#routes = new Map(routes.map((route) => [route.path, route]));
    this.#record = new ShopRecord(Object.fromEntries(routes.map(({ path, codes }) => [path, codes])));
    this.#loaded = loaded;
    this.#run = this.#record.configured(loaded.digest, Date.now());
    this.server = createServer((request, response) => {
      const url = URL.parse(request.url ?? '/', 'http://shop.invalid');
      if (url === null) sendJson(response, { code: 400, body: { error: 'the URL cannot be read' } });
      else void this.#serve(url, response);
    });
  }

  /** Puts a configuration in force for every request that begins from now on. */
  configure(loaded: LoadedConfig): void {
    this.#loaded = loaded;
    this.#run = this.#record.configured(loaded.digest, Date.now());
  }

  /** A configuration file could not be used: the one in force stays. */
  refuseConfig(): void {
    this.#record.configRefused();
  }

  async #serve(url: URL, response: ServerResponse): Promise<void> {
    const route = this.#routes.get(url.pathname);
    if (route === undefined) {
      this.#serveItself(url.pathname, response);
      return;
    }
    const run = this.#run;
    const answer = await this.#answer(route, url);
    this.#record.answered(run, route.path, answer.code, Date.now());
    sendJson(response, answer);
  }

  async #answer(route: Route, url: URL): Promise<Answer> {
    try {
      return await route.answer(url, this.#loaded.config);
    } catch (error) {
      process.stdout.write(`${route.path}: ${String(error)}\n`);
      return { code: 500, body: { error: 'the shop made a mistake; its log says which' } };
    }
  }

  /** What operators and machines ask. Not counted among the requests. */
  #serveItself(path: string, response: ServerResponse): void {
    if (path === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(this.#record.exposition(process.memoryUsage.rss()));
    } else {
      sendJson(response, this.#tellOfItself(path));
    }
  }

  #tellOfItself(path: string): Answer {
    switch (path) {
      case '/healthz':
        return { code: 200, body: { status: 'ok', role: this.#role, name: this.#name } };
      case '/config':
        return { code: 200, body: { digest: this.#loaded.digest, config: this.#loaded.config } };
      case '/history':
        return { code: 200, body: { role: this.#role, runs: this.#record.runs } };
      default:
        return { code: 404, body: { error: `the shop's ${this.#role} has no ${path}` } };
    }
  }
}

function sendJson(response: ServerResponse, { code, body }: Answer): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
