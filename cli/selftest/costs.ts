/** List prices of us-east-1, in dollars for a gigabyte; other Regions take up to twice as much. */
const putPerGigabyte = 0.5;
const scannedPerGigabyte = 0.005;
const gigabyte = 1e9;

/** What a run costs about, in dollars. */
export function dollarsFor(bytesPut: number, bytesScanned: number): number {
  return (bytesPut * putPerGigabyte + bytesScanned * scannedPerGigabyte) / gigabyte;
}
