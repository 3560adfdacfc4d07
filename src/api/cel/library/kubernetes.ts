import { Library } from '../signature.ts'
import { addresses } from './addresses.ts'
import { conversions } from './conversions.ts'
import { formats } from './formats.ts'
import { lists } from './lists.ts'
import { operators } from './operators.ts'
import { optionals } from './optionals.ts'
import { quantities } from './quantities.ts'
import { semvers } from './semvers.ts'
import { texts } from './texts.ts'
import { times } from './times.ts'
import { urls } from './urls.ts'

let library: Library | undefined

/** The functions that Kubernetes 1.36 gives to expressions; made when first asked for. */
export function kubernetesLibrary(): Library {
  library ??= new Library(operators, conversions, times, texts, lists, optionals, addresses, quantities, semvers, urls, formats)
  return library
}
