/** What is typed on Linux; Chromium there reads a store of its own, below the home of whoever is logged in. */
const STORE = 'sql:"$HOME/.pki/nssdb"';

export const INSTALL_SYSTEM = `sudo cp ccss-ca.pem /usr/local/share/ca-certificates/ccss-ca.crt
sudo update-ca-certificates`;

export const INSTALL_CHROMIUM = `sudo apt install libnss3-tools
mkdir -p "$HOME/.pki/nssdb"
certutil -d ${STORE} -A -t C,, -n ccss -i ccss-ca.pem`;

export const REMOVE = `certutil -d ${STORE} -D -n ccss
sudo rm /usr/local/share/ca-certificates/ccss-ca.crt
sudo update-ca-certificates --fresh`;
