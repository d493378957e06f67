<#
.SYNOPSIS
    Writes down the networks and VMs of a VMM server for netmap.

.DESCRIPTION
    It reads and changes nothing. Run it where the VMM console is installed, as somebody who sees
    all clouds and hosts:

        .\Export-NetmapInventory.ps1 -Path VMM-NewYork.jsonl

    then give the file to netmap: netmap import VMM-NewYork.jsonl

    These are all the cmdlets that it asks:
        Get-SCVMMServer, Get-SCCloud, Get-SCLogicalNetwork, Get-SCVMHost,
        Get-SCVMHostNetworkAdapter, Get-SCVMNetwork, Get-SCStaticIPAddressPool, Get-SCIPAddress,
        Get-SCVirtualMachine, Get-SCVirtualNetworkAdapter, Read-SCVirtualMachine (VMM looks at the
        VM's host again) and Get-VMReplication of each host.

    What cannot be told is left out, and netmap shows it as "not checked". A VM that cannot be read
    is named with the reason, and netmap keeps what it knew of it. For VMM 2012 R2 to 2025
    and Windows PowerShell 5.1. The format is netmap/inventory/1: a JSON object a line.

.PARAMETER VMMServer
    The VMM server to ask; this machine if it is left out.

.PARAMETER Path
    The file to write. Without it the lines go to the pipeline.

.PARAMETER SkipRefresh
    Take what VMM remembers of each VM instead of looking at its host again. Quicker, less certain.

.PARAMETER SkipHosts
    Do not ask the hosts about replication; take what VMM itself says of it.
#>
[CmdletBinding()]
param(
    [string] $VMMServer = 'localhost',
    [string] $Path = '',
    [switch] $SkipRefresh,
    [switch] $SkipHosts
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Off  # whatever the session says: what an object has not is nothing here

# One line of the file.
function Write-Row($Row) {
    ConvertTo-Json -InputObject $Row -Compress -Depth 9
}

# An IPv4 address as a number.
function ConvertTo-Number($Address) {
    $number = [int64]0
    foreach ($part in ($Address.Trim() -split '\.')) { $number = $number * 256 + [int64]$part }
    return $number
}

# '10.1.0.5, 10.1.0.8-10.1.0.10' as single addresses.
function Expand-Reserved($Text) {
    foreach ($part in ($Text -split '[,;]')) {
        $ends = @($part -split '-')
        if ($ends.Count -eq 1) {
            $part.Trim()
        } elseif ($part -notmatch ':') {
            $last = ConvertTo-Number $ends[1]
            for ($n = ConvertTo-Number $ends[0]; $n -le $last; $n++) {
                '{0}.{1}.{2}.{3}' -f (($n -shr 24) -band 255), (($n -shr 16) -band 255), (($n -shr 8) -band 255), ($n -band 255)
            }
        }
    }
}

# The pools, with the addresses that VMM has granted: by the id of their VM subnet or, where VLANs
# isolate, by site of the logical network and CIDR.
function Get-Pools($Server) {
    $pools = @{}
    foreach ($pool in @(Get-SCStaticIPAddressPool -VMMServer $Server)) {
        $place = "$($pool.VMSubnet.ID)"
        if (-not $place) { $place = "$($pool.LogicalNetworkDefinition.ID)|$($pool.Subnet)" }
        $granted = @(foreach ($address in @(Get-SCIPAddress -StaticIPAddressPool $pool)) {
            $owner = $null
            if ("$($address.AssignedToID)" -match '[1-9a-f]') { $owner = "$($address.AssignedToID)" }
            [ordered]@{ address = "$($address.Address)"; adapter = $owner }
        })
        $row = [ordered]@{
            first     = "$($pool.IPAddressRangeStart)"
            last      = "$($pool.IPAddressRangeEnd)"
            reserved  = @(Expand-Reserved (@($pool.IPAddressReservedSet) -join ',') | Where-Object { $_ })
            allocated = $granted
        }
        if (-not $pools.ContainsKey($place)) { $pools[$place] = @() }
        $pools[$place] += $row
    }
    return $pools
}

# What Hyper-V says of replication, by host and VM id: primary and replica have one id, and may
# both be here. Every id that was named is there by itself too. Hosts that answered are noted in
# $Answered. Of a VM that is replicated further on, what counts is where it comes from.
function Get-Replication($Hosts, $Answered) {
    $replication = @{}
    foreach ($machine in $Hosts) {
        try {
            foreach ($one in @(Get-VMReplication -ComputerName $machine.Name)) {
                $key = "$($machine.Name)|$($one.VMId)"
                if (-not $replication.ContainsKey($key) -or "$($one.RelationshipType)" -ne 'Extended') {
                    $replication[$key] = $one
                }
                $replication["$($one.VMId)"] = $true
            }
            $Answered[$machine.Name] = $true
        } catch {
            Write-Warning "$($machine.Name) does not answer on replication: $($_.Exception.Message)"
        }
    }
    return $replication
}

# Role, partner, state and health of a VM: what its host says, else what VMM is sure of.
function Add-Replication($Row, $Vm, $Replication, $Answered) {
    $one = $Replication["$($Vm.HostName)|$($Vm.VMId)"]
    if ($one) {
        $mode = "$($one.Mode)"
        $partner = $null
        if ($mode -eq 'Primary') {
            $Row.role = 'primary'
            $partner = $one.ReplicaServer
        } elseif ($mode -eq 'Replica' -or $mode -eq 'ExtendedReplica') {
            $Row.role = 'replica'
            $partner = $one.PrimaryServer
        } elseif ($mode -eq 'TestReplica') {
            $Row.role = 'test'
        }
        if ($partner) { $Row.partner_host = "$partner" }
        if ($null -ne $one.State) { $Row.replication_state = "$($one.State)" }
        if ($null -ne $one.Health) { $Row.replication_health = "$($one.Health)" }
    } elseif ($Answered.ContainsKey("$($Vm.HostName)") -and -not $Replication.ContainsKey("$($Vm.VMId)")) {
        $Row.role = 'none'
    } elseif ($Vm.IsPrimaryVM -and -not $Vm.IsRecoveryVM) {
        $Row.role = 'primary'
    } elseif ($Vm.IsRecoveryVM -and -not $Vm.IsPrimaryVM) {
        $Row.role = 'replica'
    }
}

# An adapter and where it is connected.
function Get-AdapterRow($Nic) {
    $network = $null
    $subnet = $null
    if ($Nic.VMNetwork) {
        $network = "$($Nic.VMNetwork.ID)"
        if ($Nic.VMSubnet) { $subnet = "$($Nic.VMSubnet.ID)" }
    }
    $row = [ordered]@{
        slot      = [int]$Nic.SlotID
        network   = $network
        id        = "$($Nic.ID)"
        name      = "$($Nic.Name)"
        mac       = "$($Nic.MACAddress)"
        subnet    = $subnet
        addresses = @($Nic.IPv4Addresses | Where-Object { $_ } | ForEach-Object { "$_" })
    }
    if (-not $network -and $Nic.VirtualNetwork) {
        $row.observed = $false  # on a switch, and VMM does not know which VM network that is
    }
    $type = "$($Nic.IPv4AddressType)"
    if ($type -eq 'Static') { $row.addressing = 'static' }
    if ($type -eq 'Dynamic') { $row.addressing = 'dhcp' }
    return $row
}

function Get-Inventory {
    $server = Get-SCVMMServer -ComputerName $VMMServer
    $fqdn = "$($server.FullyQualifiedDomainName)"
    if (-not $fqdn) { $fqdn = "$($server.Name)" }
    $name = "$($server.Name)"
    if ($name -eq 'localhost') { $name = ($fqdn -split '\.')[0] }
    Write-Row ([ordered]@{
        format       = 'netmap/inventory/1'
        server       = [ordered]@{ id = $fqdn.ToLowerInvariant(); name = $name }
        collected_at = (Get-Date).ToUniversalTime().ToString('s') + 'Z'
    })
    $count = [ordered]@{ clouds = 0; hosts = 0; networks = 0; vms = 0; unreadable = 0 }

    $clouds = @{}
    foreach ($cloud in @(Get-SCCloud -VMMServer $server)) {
        $row = [ordered]@{ id = "$($cloud.ID)"; name = "$($cloud.Name)" }
        $row.logical_networks = @(Get-SCLogicalNetwork -Cloud $cloud | ForEach-Object { "$($_.Name)" })
        $clouds["$($cloud.Name)"] = "$($cloud.Name)"
        $count.clouds += 1
        Write-Row @{ cloud = $row }
    }

    $machines = @(Get-SCVMHost -VMMServer $server)
    $hosts = @{}
    foreach ($machine in $machines) {
        $carried = @()
        foreach ($card in @(Get-SCVMHostNetworkAdapter -VMHost $machine)) {
            foreach ($logical in @($card.LogicalNetworks)) {
                if ($logical -and $carried -notcontains "$($logical.Name)") {
                    $carried += "$($logical.Name)"
                }
            }
        }
        $hosts["$($machine.Name)"] = "$($machine.Name)"
        $count.hosts += 1
        Write-Row @{
            host = [ordered]@{
                id = "$($machine.ID)"; name = "$($machine.Name)"; logical_networks = $carried
            }
        }
    }

    $pools = Get-Pools $server
    foreach ($network in @(Get-SCVMNetwork -VMMServer $server)) {
        $subnets = @()
        foreach ($subnet in @($network.VMSubnet)) {
            if (-not $subnet) { continue }
            $ranges = @()
            $places = @("$($subnet.ID)")
            foreach ($range in @($subnet.SubnetVLans)) {
                if ($range.Subnet) {
                    $ranges += [ordered]@{ cidr = "$($range.Subnet)"; vlan = [int]$range.VLanID }
                    $site = "$($subnet.LogicalNetworkDefinition.ID)|$($range.Subnet)"
                    if ($places -notcontains $site) { $places += $site }
                }
            }
            $own = @()
            foreach ($place in $places) { if ($pools.ContainsKey($place)) { $own += $pools[$place] } }
            $subnets += [ordered]@{
                id = "$($subnet.ID)"; name = "$($subnet.Name)"; ranges = $ranges; pools = $own
            }
        }
        $logical = $null
        if ($network.LogicalNetwork) { $logical = "$($network.LogicalNetwork.Name)" }
        $row = [ordered]@{
            id = "$($network.ID)"; name = "$($network.Name)"; logical_network = $logical
        }
        if ($null -ne $network.IsolationType) { $row.isolation = "$($network.IsolationType)" }
        $row.subnets = $subnets
        $count.networks += 1
        Write-Row @{ network = $row }
    }

    $answered = @{}
    $replication = @{}
    if (-not $SkipHosts) { $replication = Get-Replication $machines $answered }
    $powers = @{ Running = 'running'; PowerOff = 'off'; Paused = 'paused'; Saved = 'saved' }
    foreach ($vm in @(Get-SCVirtualMachine -VMMServer $server)) {
        $known = $true
        if (-not $SkipRefresh) {
            try {
                $vm = Read-SCVirtualMachine -VM $vm
            } catch {
                $known = $false  # whether it runs is left out then, and nothing touches it
                Write-Warning "$($vm.Name) could not be refreshed: $($_.Exception.Message)"
            }
        }
        $row = [ordered]@{ id = "$($vm.ID)"; name = "$($vm.Name)" }
        try {
            if ("$($vm.VMId)" -match '[1-9a-f]') { $row.hyperv_id = "$($vm.VMId)" }  # not all zeros
            if ($vm.Cloud -and $clouds.ContainsKey("$($vm.Cloud.Name)")) {
                $row.cloud = $clouds["$($vm.Cloud.Name)"]
            }
            if ($hosts.ContainsKey("$($vm.HostName)")) { $row.host = $hosts["$($vm.HostName)"] }
            $state = "$($vm.VirtualMachineState)"
            if ($known -and $powers.ContainsKey($state)) { $row.power = $powers[$state] }
            Add-Replication $row $vm $replication $answered
            $adapters = @()
            foreach ($nic in @(Get-SCVirtualNetworkAdapter -VM $vm)) {
                if ($nic) { $adapters += Get-AdapterRow $nic }
            }
            $row.adapters = $adapters
        } catch {
            # One broken VM is no reason to go without the others: netmap keeps what it knew of it.
            Write-Warning "$($row.name) could not be read: $($_.Exception.Message)"
            $count.unreadable += 1
            Write-Row @{
                unreadable = [ordered]@{
                    id = $row.id; name = $row.name; why = "$($_.Exception.Message)"
                }
            }
            continue
        }
        $count.vms += 1
        Write-Row @{ vm = $row }
    }

    Write-Row @{ end = $count }
}

Import-Module -Name VirtualMachineManager
if ($Path) {
    Get-Inventory | Set-Content -LiteralPath "$Path.part" -Encoding UTF8
    Move-Item -LiteralPath "$Path.part" -Destination $Path -Force
} else {
    Get-Inventory
}
