import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Logger } from '../../engine/ports/logger.ts';
import { StartupError } from './startupError.ts';

export interface TlsIdentity {
  /** The chain, in PEM. */
  readonly cert: string;
  readonly key: string;
}

/** Reads a certificate and its key, and makes sure that they belong together. Throws a StartupError. */
export function readTlsFiles(
  files: { readonly certFile: string; readonly keyFile: string },
  logger: Logger,
): TlsIdentity {
  const identity = { cert: readPem(files.certFile, '--tls-cert'), key: readPem(files.keyFile, '--tls-key') };
  try {
    createSecureContext(identity);
    const { validTo, validToDate } = new X509Certificate(identity.cert);
    if (validToDate.getTime() < Date.now())
      logger.warn('the TLS certificate has expired', { certFile: files.certFile, validTo });
  } catch (error) {
    throw new StartupError(
      `${files.certFile} and ${files.keyFile} are not a certificate and its private key in PEM form: ${(error as Error).message}`,
      { cause: error },
    );
  }
  return identity;
}

function readPem(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartupError(`cannot read ${file} (${option}): ${(error as Error).message}`, { cause: error });
  }
}
