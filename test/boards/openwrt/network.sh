# A stand-in for OpenWrt's /lib/functions/network.sh: the network staging is eth0, others are not up.
network_get_device() {
	[ "$2" = staging ] && eval "$1=eth0"
}

network_get_subnet() {
	[ "$2" = staging ] && eval "$1=192.168.10.10/24"
}
