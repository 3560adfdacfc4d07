import { apiContract } from '../../client/api-contract.ts'
import { HttpApi } from '../../client/http/rest.ts'
import { startTestServer } from './test-server.ts'

apiContract('over HTTP', async () => {
  const server = await startTestServer()
  const api = new HttpApi(server.admin)
  return {
    api,
    async close() {
      api.close()
      await server.close()
    },
  }
})
