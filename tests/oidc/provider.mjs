// A certified OpenID provider on loopback, with the accounts and the client it is given; says where it listens.
import { createServer } from "node:http";
import { once } from "node:events";
import { Provider } from "oidc-provider";

const { client, accounts } = JSON.parse(process.argv[2]);
const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [client],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["only for tests"] },
  async findAccount(_context, id) {
    return { accountId: id, claims: async () => ({ sub: id, ...accounts[id] }) };
  },
});
server.on("request", provider.callback());
console.log(JSON.stringify({ issuer }));
process.stdin.on("end", () => process.exit(0)); // whoever started it has gone
process.stdin.resume();
