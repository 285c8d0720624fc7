# Makes stagebox.ini of /etc/config/stagebox; /etc/init.d/stagebox sources it, behind OpenWrt's functions.sh.

INI_MARK="; Made of /etc/config/stagebox, and made again at each start: change it there."
INI_NEWLINE="
"

ini_fail() {
	logger -s -t stagebox -p daemon.err "/etc/config/stagebox: $1"
	ini_failed=1
}

# A line of an INI file can hold any text, but no line's end and no comment.
ini_line() { # key value
	case "$2" in
		*"$INI_NEWLINE"* | *[[:space:]]";"*) ini_fail "config $ini_type: option $1 must not have a line's end or a ; behind a blank in it" ;;
	esac
	ini_lines="$ini_lines$1 = $2$INI_NEWLINE"
}

# The device and the address of a network of /etc/config/network.
ini_network() {
	local device subnet
	. /lib/functions/network.sh
	if ! network_get_device device "$1" || ! network_get_subnet subnet "$1"; then
		ini_fail "config box: option network: $1 is no network that is up and has an address (see: ifstatus $1)"
		return
	fi
	ini_line interface "$device"
	ini_line address "$subnet"
}

ini_end_list() {
	[ -z "$ini_list" ] || ini_line "$ini_list" "$ini_items"
	ini_list=
	ini_items=
}

# What was read of a section goes to where it belongs.
ini_end_section() {
	local title="$ini_type"
	ini_end_list
	case "$ini_type" in
		'' | stagebox) ;;
		dhcp_option) ini_options="$ini_options$ini_code = $ini_value$INI_NEWLINE" ;;
		dhcp_host) ini_hosts="$ini_hosts$ini_mac = $ini_address$INI_NEWLINE" ;;
		*)
			case "$ini_type" in gate | firmware | certificate) title="$ini_type $ini_name" ;; esac
			ini_text="$ini_text[$title]$INI_NEWLINE$ini_lines"
			;;
	esac
}

# functions.sh calls these three for each section, option and item of a list, and the first once more at the end.
config_cb() { # type name
	ini_end_section
	ini_type="$1" ini_name="$2" ini_lines= ini_code= ini_value= ini_mac= ini_address=
}

option_cb() { # name value
	ini_end_list
	case "$ini_type.$1" in
		gate.name | firmware.name | certificate.name) ini_name="$2" ;;
		dhcp_option.code) ini_code="$2" ;;
		dhcp_option.value) ini_value="$2" ;;
		dhcp_host.mac) ini_mac="$2" ;;
		dhcp_host.address) ini_address="$2" ;;
		dhcp_option.* | dhcp_host.*) ini_fail "config $ini_type: there is no option $1" ;;
		box.network) ini_network "$2" ;;
		stagebox.*) ;;
		*) ini_line "$1" "$2" ;;
	esac
}

list_cb() { # name value
	[ "$ini_list" = "$1" ] || ini_end_list
	ini_list="$1"
	ini_items="${ini_items:+$ini_items, }$2"
}

# ini_make FOLDER: writes FOLDER/stagebox.ini where it is not there, or is one of ours with another content. Somebody's
# own, from a card that was used elsewhere, is left as it is, and used.
ini_make() {
	local file="$1/stagebox.ini" first=
	[ -d "$1" ] || {
		ini_fail "config stagebox: option folder: there is no folder $1 (is the stick mounted?)"
		return 1
	}
	[ ! -e "$file" ] || read -r first <"$file"
	[ ! -e "$file" ] || [ "$first" = "$INI_MARK" ] || {
		logger -s -t stagebox -p daemon.notice "$file is somebody's own: it is used as it is, and not /etc/config/stagebox"
		return 0
	}
	ini_failed= ini_text= ini_options= ini_hosts= ini_type= ini_list= ini_items=
	config_load stagebox
	[ -z "$ini_failed" ] || return 1
	[ -z "$ini_options" ] || ini_text="$ini_text[dhcp.option]$INI_NEWLINE$ini_options"
	[ -z "$ini_hosts" ] || ini_text="$ini_text[dhcp.host]$INI_NEWLINE$ini_hosts"
	ini_text="$INI_MARK$INI_NEWLINE$ini_text"
	[ ! -e "$file" ] || [ "$ini_text" != "$(cat "$file")$INI_NEWLINE" ] || return 0
	# It may hold passwords.
	(umask 077 && printf '%s' "$ini_text" >"$file.new" && mv "$file.new" "$file") && return 0
	ini_fail "config stagebox: option folder: $file cannot be written"
	return 1
}
